package dev.freshet.chaos;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Random;

/** What harm can be done to. */
record Stage(EmbeddedServer server, Database database, TcpProxy network, Engines engines) {
  static final String SLOT = "freshet";
  static final String PUBLICATION = "freshet";
  static final String ENGINE_NAME = "freshet";

  /** How long the server waits for a walsender's client. */
  static final Duration SENDER_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String DEADLOCK = "40P01";

  /** Runs statements, each in its own transaction. */
  void execute(String... statements) throws SQLException {
    database.execute(statements);
  }

  /** Whether the first column of the first row is true. */
  boolean holds(String question) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Waits until {@code question} is answered by true, doing {@code step} again each time. */
  void until(String question, String... step) throws SQLException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds(question)) {
      if (System.nanoTime() > deadline) {
        throw new ChaosFailure(
            "after %d s this still does not hold: %s".formatted(PATIENCE.toSeconds(), question));
      }
      execute(step);
      Engines.pause(POLL);
    }
  }

  /**
   * Alters a table under its writers, as a careful person would: it waits for its lock briefly, and
   * tries again.
   */
  void alter(String statements) throws SQLException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SET lock_timeout = '500ms'");
        statement.execute(statements);
        return;
      } catch (SQLException e) {
        boolean inTheWay =
            LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || DEADLOCK.equals(e.getSQLState());
        if (!inTheWay || System.nanoTime() > deadline) {
          throw e;
        }
      }
    }
  }

  /** Sets a parameter of the running server; an empty value takes it back. */
  void configure(String parameter, String value) throws SQLException {
    execute(
        value.isEmpty()
            ? "ALTER SYSTEM RESET " + parameter
            : "ALTER SYSTEM SET %s = '%s'".formatted(parameter, value),
        "SELECT pg_reload_conf()");
  }

  /** Lets time pass, a random one. */
  static void linger(Random random, int fromMillis, int toMillis) {
    Engines.pause(Duration.ofMillis(fromMillis + random.nextInt(toMillis - fromMillis)));
  }

  /** Lets time pass for several refreshes, or for none at all. */
  static void lingerOrNot(Random random, int toMillis) {
    if (random.nextBoolean()) {
      linger(random, 100, toMillis);
    }
  }
}
