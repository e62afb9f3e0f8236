package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Queries change while others write and read. Writers only move amounts between rows, so whatever
 * cut a reader sees, its sum is the same; a column of another query's is there as a whole or not.
 */
@ExtendWith(FreshetExtension.class)
class AlterUnderLoadTest {
  private static final int ROWS = 200;
  private static final long TOTAL = 100L * ROWS;
  private static final List<String> QUERIES =
      List.of(
          "SELECT id, v FROM a",
          "SELECT id, v, v * 2 AS w FROM a",
          "SELECT id, v::bigint AS v FROM a",
          "SELECT v, 2 * v AS w, count(*) AS n FROM a GROUP BY id, v",
          "SELECT w, v FROM (SELECT v, v * 2 AS w, row_number() OVER (ORDER BY id) FROM a) q",
          "SELECT v, id FROM a WHERE id <= 100 UNION ALL SELECT v, id FROM a WHERE id > 100",
          "SELECT id, v FROM a WHERE v > -1000000");

  /** Rows, their sum, and the rows and sum of the column that only some of the queries have. */
  private static final String READ =
      """
      SELECT count(*), sum((to_jsonb(t) ->> 'v')::int), count(to_jsonb(t) -> 'w'),
        sum((to_jsonb(t) ->> 'w')::int)
      FROM st AS t\
      """;

  private final AtomicBoolean stopped = new AtomicBoolean();
  private final AtomicInteger reads = new AtomicInteger();

  @Test
  void readersSeeOneQueryOrTheOther(Freshet freshet) throws Exception {
    long seed = Long.getLong("freshet.seed", System.nanoTime());
    System.out.println("AlterUnderLoadTest: -Dfreshet.seed=" + seed);
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, v int NOT NULL)",
        "ALTER TABLE a REPLICA IDENTITY FULL",
        "INSERT INTO a SELECT i, 100 FROM generate_series(1, %d) i".formatted(ROWS));
    freshet.create("st", QUERIES.getFirst(), Map.of("schedule", "continuous"));
    freshet.engine().start();
    Random random = new Random(seed);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<Void>> running =
          List.of(
              threads.submit(untilStopped(freshet, writer(new Random(seed + 1)))),
              threads.submit(untilStopped(freshet, writer(new Random(seed + 2)))),
              threads.submit(untilStopped(freshet, this::read)),
              threads.submit(untilStopped(freshet, this::read)));
      try {
        for (int i = 0; i < 40; i++) {
          String query = QUERIES.get(random.nextInt(QUERIES.size()));
          int before = reads.get();
          freshet.engine().execute(new Command.Alter("st", Optional.of(query), Map.of()));
          assertThat(freshet.audit()).as(query).allMatch(AuditReport::equal);
          while (reads.get() < before + 3 && running.stream().noneMatch(Future::isDone)) {
            Thread.onSpinWait();
          }
        }
      } finally {
        stopped.set(true);
      }
      for (Future<Void> thread : running) {
        thread.get();
      }
    }
  }

  private interface Step {
    void take(Statement statement) throws SQLException;
  }

  private Callable<Void> untilStopped(Freshet freshet, Step step) {
    return () -> {
      try (Connection connection = freshet.database().connect();
          Statement statement = connection.createStatement()) {
        while (!stopped.get()) {
          step.take(statement);
        }
      }
      return null;
    };
  }

  private static Step writer(Random random) {
    return statement -> {
      int from = 1 + random.nextInt(ROWS);
      int to = 1 + random.nextInt(ROWS);
      int amount = random.nextInt(50);
      statement.execute(
          """
          UPDATE a SET v = v + CASE id WHEN %1$d THEN -%3$d ELSE %3$d END
          WHERE id IN (%1$d, %2$d) AND %1$d <> %2$d AND EXISTS (
            SELECT FROM (SELECT id FROM a WHERE id IN (%1$d, %2$d) ORDER BY id FOR UPDATE) l)\
          """
              .formatted(from, to, amount));
    };
  }

  private void read(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery(READ)) {
      row.next();
      assertThat(row.getLong(1)).isEqualTo(ROWS);
      assertThat(row.getLong(2)).isEqualTo(TOTAL);
      assertThat(row.getLong(3)).isIn(0L, (long) ROWS);
      assertThat(row.getLong(4)).isEqualTo(row.getLong(3) == 0 ? 0 : 2 * TOTAL);
      reads.incrementAndGet();
    }
  }
}
