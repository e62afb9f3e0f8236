package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Writers with random transactions, some of which roll back, while stream tables are audited. */
final class AuditedWriters {
  private static final int WRITERS = 4;

  /** A deadlock between writers, or a key or a reference that another one has taken. */
  private static final Set<String> EXPECTED = Set.of("40P01", "23505", "23503");

  private final Freshet freshet;
  private final Function<Random, String> change;
  private final AtomicBoolean goesOn = new AtomicBoolean(true);

  private AuditedWriters(Freshet freshet, Function<Random, String> change) {
    this.freshet = freshet;
    this.change = change;
  }

  /**
   * Requires that each audit finds the stream table equal to its query, and that there was enough
   * to be found.
   *
   * @param change a statement
   */
  static void write(
      Freshet freshet,
      long seed,
      Duration time,
      Collection<String> names,
      Function<Random, String> change)
      throws Exception {
    new AuditedWriters(freshet, change).run(seed, time, names);
  }

  private void run(long seed, Duration time, Collection<String> names) throws Exception {
    List<Future<Integer>> writers = new ArrayList<>();
    try (ExecutorService executor = Executors.newThreadPerTaskExecutor(Thread::new)) {
      for (int i = 0; i < WRITERS; i++) {
        var random = new Random(seed + i);
        writers.add(executor.submit(() -> write(random)));
      }
      long end = System.nanoTime() + time.toNanos();
      try {
        while (System.nanoTime() < end) {
          for (String name : names) {
            Reply.Audited audited =
                (Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(name), 5));
            assertThat(audited.reports()).as("seed %d", seed).allMatch(AuditReport::equal);
          }
        }
      } finally {
        goesOn.set(false);
      }
    }
    for (Future<Integer> writer : writers) {
      assertThat(writer.get()).as("transactions of a writer, seed %d", seed).isGreaterThan(20);
    }
  }

  /** How many of its transactions were committed. */
  private int write(Random random) throws SQLException {
    int committed = 0;
    try (Connection connection = freshet.database().connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      while (goesOn.get()) {
        try {
          for (int i = random.nextInt(1, 4); i > 0; i--) {
            statement.execute(change.apply(random));
          }
          if (random.nextInt(5) == 0) {
            connection.rollback();
          } else {
            connection.commit();
            committed++;
          }
        } catch (SQLException e) {
          if (!EXPECTED.contains(String.valueOf(e.getSQLState()))) {
            throw e;
          }
          connection.rollback();
        }
      }
    }
    return committed;
  }
}
