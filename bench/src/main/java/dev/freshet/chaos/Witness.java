package dev.freshet.chaos;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A reader that looks at both levels of the graph all the time, each time in one snapshot: the
 * total of all accounts never changes, lists have neither gaps nor doubles, both levels show the
 * same, and no list ever gets shorter.
 */
final class Witness implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(60);
  private static final Duration AFTER_LOSS = Duration.ofMillis(100);

  private static final String BANK =
      """
      SELECT (SELECT sum(total) FROM bank_branch), (SELECT total FROM bank_total),
        (SELECT sum(total) FROM bank_report)\
      """;

  private static final String LISTS =
      """
      SELECT list, s.n, c.n,
        s.n = s.last AND s.items = (SELECT string_agg(i::text, ',' ORDER BY i)
                                    FROM generate_series(1, s.last) i),
        s.items = c.items
      FROM list_state s FULL JOIN list_copy c USING (list)\
      """;

  private final Database database;
  private final AtomicLong looks = new AtomicLong();
  private final Thread thread;
  private volatile Optional<String> violation = Optional.empty();
  private volatile boolean stopped;

  private Witness(Database database) {
    this.database = database;
    this.thread = Thread.ofPlatform().name("witness").daemon().unstarted(this::watch);
  }

  static Witness start(Database database) {
    Witness witness = new Witness(database);
    witness.thread.start();
    return witness;
  }

  /** How often it has looked. */
  long looks() {
    return looks.get();
  }

  /** The first thing that it saw and that may not be. */
  Optional<String> violation() {
    return violation;
  }

  private void watch() {
    while (!stopped) {
      try (Connection connection = database.connect()) {
        // What a crash of the server undoes, it undoes before anybody can connect again.
        Map<Integer, Long> longest = new HashMap<>();
        while (!stopped && violation.isEmpty()) {
          look(connection, longest);
          looks.incrementAndGet();
          Engines.pause(INTERVAL);
        }
        if (violation.isPresent()) {
          return;
        }
      } catch (SQLException _) {
        Engines.pause(AFTER_LOSS);
      }
    }
  }

  private void look(Connection connection, Map<Integer, Long> longest) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet row = statement.executeQuery(BANK)) {
        row.next();
        for (int level = 1; level <= 3; level++) {
          if (row.getLong(level) != SourceTables.TOTAL) {
            violated(
                "bank: bank_branch has %s, bank_total %s, bank_report %s; there are %d"
                    .formatted(
                        row.getString(1), row.getString(2), row.getString(3), SourceTables.TOTAL));
            return;
          }
        }
      }
      try (ResultSet row = statement.executeQuery(LISTS)) {
        while (row.next()) {
          list(row, longest);
        }
      }
    }
  }

  private void list(ResultSet row, Map<Integer, Long> longest) throws SQLException {
    int list = row.getInt(1);
    long length = row.getLong(2);
    if (!row.getBoolean(5)) {
      violated(
          "list %d: list_state has %d elements, list_copy %d"
              .formatted(list, length, row.getLong(3)));
    } else if (!row.getBoolean(4)) {
      violated("list %d has gaps or doubles among its %d elements".formatted(list, length));
    } else if (length < longest.getOrDefault(list, 0L)) {
      violated("list %d had %d elements and has %d".formatted(list, longest.get(list), length));
    }
    longest.put(list, length);
  }

  private void violated(String what) {
    if (violation.isEmpty()) {
      violation = Optional.of(what);
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
