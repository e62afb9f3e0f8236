package dev.freshet.embedded;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * One database of a server, owned by its holder: closing it ends its sessions, drops its
 * replication slots and prepared transactions (each of which would keep the database alive), and
 * drops it.
 *
 * @param server the server it lives in
 * @param name the database's name, unquoted
 */
public record Database(PostgresServer server, String name) implements AutoCloseable {

  /** The JDBC address, superuser included. */
  public String jdbcUrl() {
    return server.jdbcUrl(name);
  }

  /** Connects as the superuser, in auto-commit mode. The caller closes. */
  public Connection connect() throws SQLException {
    return server.connect(name);
  }

  /** Runs statements as the superuser, each in its own transaction. */
  public void execute(String... statements) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Drops the database and whatever pins it. A database that is gone already is no error. */
  @Override
  public void close() throws SQLException {
    try (Connection maintenance = server.connect(PostgresServer.SUPERUSER)) {
      if (names(maintenance, "SELECT datname FROM pg_database WHERE datname = ?").isEmpty()) {
        return;
      }
      rollBackPrepared(maintenance);
      dropSlots(maintenance);
      try (Statement statement = maintenance.createStatement()) {
        statement.execute("DROP DATABASE " + quoted(name) + " WITH (FORCE)");
      }
    }
  }

  private void rollBackPrepared(Connection maintenance) throws SQLException {
    List<String> prepared =
        names(maintenance, "SELECT gid FROM pg_prepared_xacts WHERE database = ?");
    if (prepared.isEmpty()) {
      return;
    }
    try (Connection inside = connect();
        Statement statement = inside.createStatement()) {
      for (String gid : prepared) {
        statement.execute("ROLLBACK PREPARED " + statement.enquoteLiteral(gid));
      }
    }
  }

  /** A slot can be dropped only when its walsender has gone; termination is asynchronous. */
  private void dropSlots(Connection maintenance) throws SQLException {
    names(
        maintenance,
        """
        SELECT pg_terminate_backend(active_pid, 10000)::text
        FROM pg_replication_slots WHERE database = ? AND active_pid IS NOT NULL\
        """);
    names(
        maintenance,
        "SELECT pg_drop_replication_slot(slot_name)::text FROM pg_replication_slots"
            + " WHERE database = ? AND NOT temporary");
  }

  /** A name as an SQL identifier; JDBC's own quoting refuses names that contain a quote. */
  static String quoted(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  private List<String> names(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, name);
      try (ResultSet rows = statement.executeQuery()) {
        List<String> names = new ArrayList<>();
        while (rows.next()) {
          names.add(rows.getString(1));
        }
        return names;
      }
    }
  }
}
