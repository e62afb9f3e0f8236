package dev.freshet.engine;

import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.EmbeddedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** What tests with several servers ask of them. */
final class Servers {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private Servers() {}

  /** The first value of the first row, as text. */
  static String query(EmbeddedServer server, String database, String sql) throws SQLException {
    try (Connection connection = server.connect(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  /** Waits until the standby has all that the primary has written so far. */
  static void awaitReplayed(EmbeddedServer primary, EmbeddedServer standby) throws SQLException {
    String written = query(primary, "postgres", "SELECT pg_current_wal_insert_lsn()");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                query(
                        standby,
                        "postgres",
                        "SELECT pg_last_wal_replay_lsn() >= '%s'::pg_lsn".formatted(written))
                    .equals("t"));
  }
}
