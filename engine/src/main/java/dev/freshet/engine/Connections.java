package dev.freshet.engine;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import dev.freshet.cdc.wal.HeardSockets;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import java.util.Set;
import javax.sql.DataSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** Makes connections to the served database: single ones, and the pool that refreshes run on. */
public final class Connections {
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

  /**
   * The driver would forget all prepared statements after each CREATE, DROP and ALTER of the same
   * session, and the next refreshes would be planned anew, which costs a small one a quarter of its
   * time. A statement whose result has another type by then is prepared anew at the second attempt,
   * as it has to be after the DDL of any other session.
   */
  private static final boolean FORGET_PREPARED = false;

  private static final int SPARE_CONNECTIONS = 3;

  private static final Set<String> PASSING =
      Set.of("08001", "08006", "57P01", "57P02", "57P03", "53300");

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
   * A connection in autocommit mode for single transactions, which a pooler may serve: nothing is
   * prepared on the server, and no setting is to outlive a transaction.
   *
   * @throws FreshetException CONNECTION with host, port, database and role
   */
  public static Connection open(DatabaseConfig database) {
    Properties properties = database.driverProperties();
    PGProperty.PREPARE_THRESHOLD.set(properties, 0);
    return open(database, properties);
  }

  /**
   * A connection in autocommit mode whose session is its own.
   *
   * @throws FreshetException as {@link #open}
   */
  static Connection openSession(DatabaseConfig database) {
    DatabaseConfig sessions = database.forSessions();
    return open(sessions, sessions.driverProperties());
  }

  /**
   * As {@link #openSession}, for those who try again: what passes by itself is thrown as the driver
   * threw it.
   *
   * @throws SQLException if the server is away, starting or stopping, or has no connection free
   */
  static Connection reopenSession(DatabaseConfig database) throws SQLException {
    try {
      return openSession(database);
    } catch (FreshetException e) {
      if (e.getCause() instanceof SQLException cause && PASSING.contains(cause.getSQLState())) {
        throw cause;
      }
      throw e;
    }
  }

  static Connection open(DatabaseConfig database, Properties properties) {
    try {
      return DriverManager.getConnection(database.jdbcUrl(), HeardSockets.use(properties));
    } catch (SQLException e) {
      throw ServerErrors.connecting(e, database);
    }
  }

  /**
   * The pool of an engine.
   *
   * @param epoch the engine's, see {@link dev.freshet.engine.catalog.Epoch}: what another epoch's
   *     sessions do is refused
   */
  static HikariDataSource pool(
      FreshetConfig config, Route route, long epoch, TrackedConnections tracked) {
    DatabaseConfig database = route.refreshes();
    SessionSettings settings = SessionSettings.ofRefreshes(config.refresh(), epoch);
    Properties properties = database.driverProperties();
    properties.setProperty("prepareThreshold", PREPARE_AT_ONCE);
    PGProperty.FLUSH_CACHE_ON_DDL.set(properties, FORGET_PREPARED);
    System.setProperty(ALIVE_BYPASS, Long.toString(ALIVE_BYPASS_MILLIS));
    HikariConfig pool = new HikariConfig();
    if (route.settled()) {
      PGProperty.OPTIONS.set(properties, settings.asOptions());
    } else {
      pool.setConnectionInitSql(settings.asStatement());
    }
    pool.setPoolName("freshet");
    pool.setDataSource(physical(database, properties, tracked));
    pool.setMaximumPoolSize(config.engine().refreshWorkers() + SPARE_CONNECTIONS);
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(Math.max(1000, database.connectTimeout().toMillis()));
    pool.setInitializationFailTimeout(-1);
    pool.setExceptionOverride(new RefusedFeature());
    return new HikariDataSource(pool);
  }

  private static DataSource physical(
      DatabaseConfig database, Properties properties, TrackedConnections tracked) {
    PGSimpleDataSource physical = tracked.dataSource();
    physical.setUrl(database.jdbcUrl());
    Properties all = HeardSockets.use(properties);
    for (String name : all.stringPropertyNames()) {
      try {
        physical.setProperty(name, all.getProperty(name));
      } catch (SQLException e) {
        throw new IllegalStateException("pgjdbc does not know " + name, e);
      }
    }
    return physical;
  }
}
