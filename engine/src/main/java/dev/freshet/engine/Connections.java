package dev.freshet.engine;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Makes connections to the served database: single ones, and the pool that refreshes run on. */
public final class Connections {
  /**
   * Planner settings of refresh sessions. With the default random_page_cost a MERGE of one percent
   * scans the whole table; JIT costs more than it brings for statements of milliseconds.
   */
  private static final String PLANNER = "-c random_page_cost=1.1 -c jit=off";

  /** Definitions were printed with an empty one: every name in them is qualified. */
  private static final String SEARCH_PATH = " -c search_path=";

  /**
   * How long an idle connection is trusted without a round trip to test it. A refresh on one that
   * died meanwhile fails before it has done anything, and is repeated on another.
   */
  private static final String ALIVE_BYPASS = "com.zaxxer.hikari.aliveBypassWindowMs";

  private static final long ALIVE_BYPASS_MILLIS = 30_000;

  /**
   * The driver prepares a statement on the server when it is executed for the first time, not the
   * fifth: a refresh repeats its statements, and analysing them takes longer than running them.
   */
  private static final String PREPARE_AT_ONCE = "1";

  private static final int SPARE_CONNECTIONS = 3;

  private Connections() {}

  /**
   * A server that refuses something, such as another type for a column of a view, is not gone: the
   * pool takes SQLSTATE 0A000 for a broken connection.
   */
  private static final class RefusedFeature implements SQLExceptionOverride {
    @java.lang.Override
    public Override adjudicate(SQLException e) {
      return "0A000".equals(e.getSQLState()) ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
    }
  }

  /**
   * A connection in autocommit mode.
   *
   * @throws FreshetException CONNECTION with host, port, database and role
   */
  public static Connection open(DatabaseConfig database) {
    try {
      return DriverManager.getConnection(database.jdbcUrl(), database.driverProperties());
    } catch (SQLException e) {
      throw ServerErrors.connecting(e, database);
    }
  }

  static HikariDataSource pool(FreshetConfig config) {
    DatabaseConfig database = config.database();
    Properties properties = database.driverProperties();
    properties.setProperty(
        "options",
        PLANNER
            + SEARCH_PATH
            + " -c lock_timeout="
            + config.refresh().lockTimeout().toMillis()
            + " -c statement_timeout="
            + config.refresh().statementTimeout().toMillis());
    properties.setProperty("prepareThreshold", PREPARE_AT_ONCE);
    System.setProperty(ALIVE_BYPASS, Long.toString(ALIVE_BYPASS_MILLIS));
    HikariConfig pool = new HikariConfig();
    pool.setPoolName("freshet");
    pool.setJdbcUrl(database.jdbcUrl());
    pool.setDataSourceProperties(properties);
    pool.setMaximumPoolSize(config.engine().refreshWorkers() + SPARE_CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(Math.max(1000, database.connectTimeout().toMillis()));
    pool.setInitializationFailTimeout(-1);
    pool.setExceptionOverride(new RefusedFeature());
    return new HikariDataSource(pool);
  }
}
