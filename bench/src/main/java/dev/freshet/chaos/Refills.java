package dev.freshet.chaos;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which stream tables were filled anew, by the refresh history. The engine writes it once a second;
 * so it is read as late as possible, before the next event.
 */
final class Refills {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final Duration POLL = Duration.ofMillis(50);

  private final Database database;
  private long seen;

  Refills(Database database) {
    this.database = database;
  }

  /**
   * What an event may cause.
   *
   * @param sources whose stream tables may be refilled
   * @param reason what the reason of those must say; empty: anything
   * @param undoes whether any stream table may be, whose last refresh the server has undone
   */
  record Expected(Set<String> sources, String reason, boolean undoes) {
    private static final String UNDONE = "undone by a crash";
    private static final String LARGE_DELTA = "the staged delta exceeds";

    /** Whatever happens, the log still has everything. */
    static Expected none() {
      return new Expected(Set.of(), "", false);
    }

    /** Changes of every table may be lost. */
    static Expected all() {
      return new Expected(Set.copyOf(SourceTables.NAMES), "", true);
    }

    static Expected of(String... sources) {
      return new Expected(Set.of(sources), "", false);
    }

    /** What is staged is complete, but one delta of it may be more than memory holds. */
    static Expected staged(String... sources) {
      return new Expected(Set.of(sources), LARGE_DELTA, false);
    }

    /** Refreshes commit asynchronously: a crash may take the last ones. */
    static Expected undone() {
      return new Expected(Set.of(), "", true);
    }

    boolean permits(Refill refill) {
      return (undoes && refill.reason().contains(UNDONE))
          || refill.reason().contains(reason)
              && Shape.ALL.stream()
                  .filter(shape -> shape.name().equals(refill.streamTable()))
                  .anyMatch(shape -> shape.readsAny(sources));
    }
  }

  /** A stream table that was filled anew, and why. */
  record Refill(String streamTable, String reason) {}

  /**
   * The refills since it was asked last, once the history reaches {@code until}.
   *
   * @throws ChaosFailure if the history does not get there
   */
  List<Refill> since(Instant until) throws SQLException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      while (!reaches(statement, until)) {
        if (System.nanoTime() > deadline) {
          throw new ChaosFailure("the refresh history does not reach " + until);
        }
        Engines.pause(POLL);
      }
      List<Refill> refills = new ArrayList<>();
      try (ResultSet row =
          statement.executeQuery(
              """
              SELECT s.table_name, h.report->>'mode', h.report->>'reason', h.id
              FROM freshet.refresh_history h JOIN freshet.stream_table s ON s.id = h.stream_table_id
              WHERE h.id > %d ORDER BY h.id
              """
                  .formatted(seen))) {
        while (row.next()) {
          seen = row.getLong(4);
          if (row.getString(2).equals("FULL")) {
            refills.add(new Refill(row.getString(1), row.getString(3)));
          }
        }
      }
      return refills;
    }
  }

  private static boolean reaches(Statement statement, Instant until) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT count(DISTINCT stream_table_id) FROM freshet.refresh_history
            WHERE (report->>'startedAt')::timestamptz >= '%s'
            """
                .formatted(until))) {
      row.next();
      return row.getInt(1) == Shape.ALL.size();
    }
  }
}
