package dev.freshet.engine;

import dev.freshet.cdc.wal.HeardSockets;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.engine.FreshetException.Kind;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/**
 * What stands at an address: the server itself, or a connection pooler such as PgBouncer, which
 * lends a client one of its sessions for as long as the client stays, or for each transaction
 * another one.
 *
 * <p>A pooler does not say what it is. It is found by what it cannot hide: it keeps no settings of
 * the startup packet, and it tells clients a key for cancelling that is its own, so the process
 * that the key names is not the one that {@code pg_backend_pid()} gives. Which kind it is shows by
 * the process that serves: from transaction to transaction it stays the same in a session, and no
 * other client meets it.
 */
public enum Pooler {
  /** The server itself, or something that passes all of it on. */
  NONE("no pooler"),
  /** A session belongs to its client: everything works but startup settings and replication. */
  SESSIONS("session pooling"),
  /** A session belongs to a transaction: what outlives one would be somebody else's. */
  TRANSACTIONS("transaction pooling");

  /** How often the serving processes are compared: under load one look can mislead. */
  private static final int LOOKS = 8;

  private final String label;

  Pooler(String label) {
    this.label = label;
  }

  /** For people: {@code session pooling}. */
  public String label() {
    return label;
  }

  /**
   * Finds out, on up to three short connections.
   *
   * @throws FreshetException CONNECTION if the address cannot be reached, SERVER_NOT_READY if a
   *     pooler lends too few sessions to tell
   */
  public static Pooler at(DatabaseConfig database) {
    try {
      return isServer(database) ? NONE : keepsSession(database) ? SESSIONS : TRANSACTIONS;
    } catch (SQLException e) {
      if (e.getCause() instanceof SocketTimeoutException) {
        throw FreshetException.of(
            Kind.SERVER_NOT_READY,
            "the connection pooler at %s lends no second session within %d s"
                .formatted(database.address(), database.connectTimeout().toSeconds()),
            "let it have more of them for this role and database (PgBouncer: default_pool_size):"
                + " Freshet takes engine.refresh-workers + 5",
            e);
      }
      throw ServerErrors.connecting(e, database);
    }
  }

  /** Whether a pooler stands between this connection and the server, as far as its key tells. */
  static boolean isBehind(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID() != servingProcess(connection);
  }

  /** Whether that is how a pooler refuses what only a server understands. */
  static boolean isRefusal(SQLException e) {
    return String.valueOf(e.getMessage()).contains("unsupported startup parameter");
  }

  private static boolean isServer(DatabaseConfig database) throws SQLException {
    Properties properties = HeardSockets.use(database.driverProperties());
    PGProperty.OPTIONS.set(properties, "-c row_security=off");
    try (Connection connection = DriverManager.getConnection(database.jdbcUrl(), properties);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT current_setting('row_security') = 'off'")) {
      row.next();
      return row.getBoolean(1) && !isBehind(connection);
    } catch (SQLException e) {
      if (isRefusal(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean keepsSession(DatabaseConfig database) throws SQLException {
    try (Connection one = plain(database);
        Connection other = plain(database)) {
      other.setAutoCommit(false);
      for (int look = 0; look < LOOKS; look++) {
        int serving = servingProcess(one);
        boolean shared = servingProcess(other) == serving;
        boolean changed = servingProcess(one) != serving;
        other.rollback();
        if (shared || changed) {
          return false;
        }
      }
      return true;
    } catch (SQLException e) {
      if (String.valueOf(e.getMessage()).contains("statement pooling")) {
        return false; // PgBouncer: "transaction blocks not allowed in statement pooling mode"
      }
      throw e;
    }
  }

  private static Connection plain(DatabaseConfig database) throws SQLException {
    Properties properties = HeardSockets.use(database.driverProperties());
    PGProperty.PREPARE_THRESHOLD.set(properties, 0);
    PGProperty.SOCKET_TIMEOUT.set(properties, (int) database.connectTimeout().toSeconds());
    return DriverManager.getConnection(database.jdbcUrl(), properties);
  }

  private static int servingProcess(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
      row.next();
      return row.getInt(1);
    }
  }
}
