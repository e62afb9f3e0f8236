package dev.freshet.engine;

import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.FreshetException.Kind;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Which connections go where, with a pooler in front of the server.
 *
 * <pre>
 * replication, the lock, staging, reading buffers   database.direct-url
 * refreshes and fills                               the pooler, if it lends whole sessions
 * commands: single transactions                     the pooler
 * </pre>
 *
 * <p>Refreshes repeat statements that the server has prepared, under settings of their session, so
 * pooling of transactions does not serve them.
 *
 * @param pooler what stands at {@code database.host}
 * @param refreshes where refreshes connect
 * @param settled whether sessions there have the settings of the startup packet; else they are set
 *     by statements
 * @param told what there is to tell of it; empty without a pooler
 */
public record Route(Pooler pooler, DatabaseConfig refreshes, boolean settled, String told) {
  private static final String KEY = "database.direct-url";

  /**
   * Finds out what stands at the configured addresses.
   *
   * @throws FreshetException SERVER_NOT_READY if what needs a session has none, CONNECTION
   */
  public static Route find(FreshetConfig config) {
    DatabaseConfig database = config.database();
    DatabaseConfig sessions = database.forSessions();
    Pooler pooler = Pooler.at(database);
    if (database.direct().isEmpty()) {
      requireSessions(database, pooler);
      if (pooler == Pooler.SESSIONS && config.cdc().mode().readsLog()) {
        requireReplication(database);
      }
      return new Route(pooler, database, pooler == Pooler.NONE, told(database, pooler));
    }
    Pooler direct = Pooler.at(sessions);
    requireSessions(sessions, direct);
    boolean through = pooler == Pooler.SESSIONS;
    return new Route(
        pooler,
        through ? database : sessions,
        !through && direct == Pooler.NONE,
        told(database, pooler));
  }

  /**
   * Makes sure that what needs a session of its own gets one, before it does.
   *
   * @throws FreshetException as {@link #find}
   */
  static void requireSessions(FreshetConfig config) {
    DatabaseConfig sessions = config.database().forSessions();
    requireSessions(sessions, Pooler.at(sessions));
  }

  private static void requireSessions(DatabaseConfig database, Pooler pooler) {
    if (pooler == Pooler.TRANSACTIONS) {
      throw refused(
          database, "it lends its sessions for single transactions, and Freshet holds a lock");
    }
  }

  private static void requireReplication(DatabaseConfig database) {
    try (Connection connection =
            ReplicationConnections.of(database.jdbcUrl(), database.driverProperties()).open();
        Statement statement = connection.createStatement()) {
      statement.execute("IDENTIFY_SYSTEM");
    } catch (SQLException e) {
      if (Pooler.isRefusal(e) || "42601".equals(e.getSQLState())) {
        throw refused(database, "it does not replicate (" + e.getMessage() + ")");
      }
      throw ServerErrors.connecting(e, database);
    }
  }

  private static FreshetException refused(DatabaseConfig database, String symptom) {
    return FreshetException.of(
        Kind.SERVER_NOT_READY,
        "%s is a connection pooler, such as PgBouncer: %s".formatted(database.address(), symptom),
        ("name the server's own address: %s: postgresql://HOST:5432. Replication, the lock and"
                + " whatever else needs a session then go there, everything else through the"
                + " pooler")
            .formatted(KEY));
  }

  private static String told(DatabaseConfig database, Pooler pooler) {
    String sessions =
        database
            .direct()
            .map(direct -> "; sessions at " + direct.address() + " (" + KEY + ")")
            .orElse("");
    return switch (pooler) {
      case NONE -> sessions.isEmpty() ? "" : "none at " + database.address() + sessions;
      case SESSIONS ->
          "%s, session pooling: refreshes and commands%s".formatted(database.address(), sessions);
      case TRANSACTIONS ->
          "%s, transaction pooling: commands; refreshes and%s"
              .formatted(database.address(), sessions.substring(1));
    };
  }
}
