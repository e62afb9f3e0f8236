package dev.freshet.cdc.staging;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Where staging gets its ordinary connections from: one to write, one more for each reader. */
@FunctionalInterface
public interface StagingConnections {
  /** Opens a connection of its own. */
  Connection open() throws SQLException;

  /**
   * Connections to {@code url} with the caller's properties (user, password, TLS …). A statement
   * that hangs fails after a while: whoever waits for staging must not wait for ever. Their
   * sessions have to be their own.
   */
  static StagingConnections of(String url, Properties properties) {
    Properties staging = new Properties();
    properties.forEach((key, value) -> staging.put(key, value));
    PGProperty.TCP_KEEP_ALIVE.set(staging, true);
    PGProperty.SOCKET_TIMEOUT.set(staging, 60);
    return () -> settled(DriverManager.getConnection(url, staging));
  }

  /** By statements: a pooler of sessions passes nothing on that a client asks for at its start. */
  private static Connection settled(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET synchronous_commit = local; SET lock_timeout = 5000; SET statement_timeout = 60000;"
              + " SET search_path = ''; SET client_min_messages = warning");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }
}
