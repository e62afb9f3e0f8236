package dev.freshet.engine.random;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.Freshet;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import dev.freshet.sql.random.Case;
import dev.freshet.sql.random.Plans;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rounds of random schemas, in each of which random queries are stream tables, some of them read by
 * others, while writers change the sources. Every refresh is compared with its query inside the
 * refresh's own transaction.
 *
 * <p>A query may fail on some content (a sub-query that returns two rows) or have several results;
 * what differs or fails is asked again when the writers have stopped, and counts only if the query
 * by itself works and has one result.
 */
final class RandomEngineRun {
  private static final int QUERIES = 12;
  private static final int WRITERS = 3;

  /** The others are created while the writers write: a stream table may begin at any moment. */
  private static final int CREATED_BEFORE = 10;

  /** Of three stream tables one is read by another. */
  private static final int ONE_READ_OF = 3;

  private final PgVersion version;
  private final Duration round;
  private final Map<Mode, Integer> refreshes = new TreeMap<>();
  private final List<String> failures = new ArrayList<>();
  private int rounds;
  private int created;
  private int rejected;
  private int undetermined;
  private int crowdedOut;
  private long transactions;

  RandomEngineRun(PgVersion version, Duration round) {
    this.version = version;
    this.round = round;
  }

  /** One round over the schema that the seed has. */
  void round(long seed) throws SQLException {
    Map<String, String> settings = Map.of("engine.refresh-workers", "2");
    try (Freshet freshet = Freshet.on(SharedServer.of(version), settings)) {
      rounds++;
      if (!prepare(freshet, seed)) {
        return;
      }
      new Round(freshet, seed).run();
    }
  }

  /** False where this version of PostgreSQL does not have what the schema needs. */
  private static boolean prepare(Freshet freshet, long seed) {
    try {
      freshet.sql(Case.of(seed).preparation().toArray(String[]::new));
      return true;
    } catch (SQLException e) {
      return false;
    }
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  int compared() {
    return refreshes.values().stream().mapToInt(Integer::intValue).sum();
  }

  int count(Mode mode) {
    return refreshes.getOrDefault(mode, 0);
  }

  @Override
  public String toString() {
    return ("PostgreSQL %s: %d rounds, %d stream tables (%d queries rejected, %d without a single"
            + " result, %d kept out by writers), %,d refreshes compared under %,d transactions:"
            + " %s, failed: %d")
        .formatted(
            version,
            rounds,
            created,
            rejected,
            undetermined,
            crowdedOut,
            compared(),
            transactions,
            refreshes,
            failures.size());
  }

  private final class Round {
    private final Freshet freshet;
    private final long seed;
    private final Random random;
    private final Map<String, String> queries = new LinkedHashMap<>();
    private final Map<String, String> suspects = new LinkedHashMap<>();

    Round(Freshet freshet, long seed) {
      this.freshet = freshet;
      this.seed = seed;
      this.random = new Random(seed);
    }

    void run() throws SQLException {
      create(0, CREATED_BEFORE);
      var stop = new AtomicBoolean();
      var committed = new AtomicLong();
      List<RandomWriter> writers = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        var writer = new RandomWriter(freshet.database(), i, seed, seed, stop, committed);
        writers.add(writer);
        threads.add(Thread.ofPlatform().name("random-writer-" + i).start(writer));
      }
      try {
        create(CREATED_BEFORE, QUERIES);
        refreshFor(round);
      } finally {
        stop.set(true);
        threads.forEach(RandomEngineRun::join);
      }
      transactions += committed.get();
      for (RandomWriter writer : writers) {
        if (writer.failure().isPresent()) {
          throw writer.failure().get();
        }
      }
      judge();
    }

    private void create(int from, int to) {
      for (int i = from; i < to; i++) {
        String name = "st" + i;
        create(name, Case.of(seed + i).query().toString());
        if (queries.containsKey(name) && random.nextInt(ONE_READ_OF) == 0) {
          create("of_" + name, reader(name));
        }
      }
    }

    private String reader(String name) {
      return switch (random.nextInt(3)) {
        case 0 -> "SELECT * FROM " + name;
        case 1 -> "SELECT count(*) AS rows FROM " + name;
        default -> "SELECT a.k, count(*) AS rows FROM t0 a CROSS JOIN " + name + " b GROUP BY a.k";
      };
    }

    private void create(String name, String query) {
      try {
        freshet.create(name, query, Map.of("max-change-ratio", "1", "cost", "off"));
        queries.put(name, query);
        created++;
      } catch (FreshetException e) {
        switch (e.kind()) {
          case BAD_QUERY, UNSUPPORTED_QUERY -> rejected++;
          case BUSY, TIMEOUT -> crowdedOut++;
          default -> suspects.put(query, name + " cannot be created: " + e);
        }
      }
    }

    private void refreshFor(Duration duration) {
      long end = System.nanoTime() + duration.toNanos();
      List<String> names = List.copyOf(queries.keySet());
      while (!names.isEmpty() && System.nanoTime() < end) {
        compare(names.get(random.nextInt(names.size())))
            .ifPresent(complaint -> suspects.put(queries.get(complaint.name()), complaint.what()));
      }
    }

    private record Complaint(String name, String what) {}

    private Optional<Complaint> compare(String name) {
      try {
        var reply = (Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(name), 3));
        AuditReport report = reply.reports().getFirst();
        report.refresh().ifPresent(done -> refreshes.merge(done.mode(), 1, Integer::sum));
        return report.equal()
            ? Optional.empty()
            : Optional.of(new Complaint(name, report.toString()));
      } catch (FreshetException e) {
        return Optional.of(new Complaint(name, e.toString()));
      }
    }

    /** With nobody writing, every stream table must be its query, if that has one result. */
    private void judge() throws SQLException {
      for (String name : queries.keySet()) {
        compare(name).ifPresent(c -> suspects.putIfAbsent(queries.get(name), c.what()));
      }
      for (Map.Entry<String, String> suspect : suspects.entrySet()) {
        if (isOracle(suspect.getKey())) {
          failures.add(
              "seed %d, %s: %s%n  %s"
                  .formatted(seed, version, suspect.getKey(), suspect.getValue()));
        } else {
          undetermined++;
        }
      }
    }

    private boolean isOracle(String query) throws SQLException {
      try (Connection connection = freshet.database().connect()) {
        connection.setAutoCommit(false);
        return Plans.otherResult(connection, query).isEmpty();
      } catch (SQLException e) {
        return false;
      }
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
