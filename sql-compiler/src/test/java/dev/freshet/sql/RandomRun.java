package dev.freshet.sql;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import dev.freshet.sql.random.Case;
import dev.freshet.sql.random.Script;
import dev.freshet.sql.random.Shrinker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Random cases on one version of PostgreSQL: each thread has a database, in which neighbouring
 * seeds share a schema; what a case does in it is rolled back.
 */
final class RandomRun {
  private static final Duration SHRINKING =
      Duration.ofSeconds(Long.getLong("freshet.random.shrinking", 120));
  private static final Path OUTPUT = Path.of("target", "random");

  private final PgVersion version;
  private final List<Long> seeds;
  private final AtomicLong next;
  private final long end;
  private final Duration time;
  private final int threads;
  private final int mostFailures;
  private final Tally tally = new Tally();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  private RandomRun(
      PgVersion version,
      List<Long> seeds,
      long first,
      long queries,
      Duration time,
      int threads,
      int mostFailures) {
    this.version = version;
    this.seeds = seeds;
    this.next = new AtomicLong(first);
    this.end = first + queries;
    this.time = time;
    this.threads = threads;
    this.mostFailures = mostFailures;
  }

  /** As the system properties say, see {@link RandomQueriesTest}. */
  static RandomRun configured(PgVersion version) {
    String listed = System.getProperty("freshet.random.seeds", "");
    List<Long> seeds =
        Stream.of(listed.split(",")).filter(s -> !s.isBlank()).map(Long::valueOf).toList();
    Optional<String> queries = Optional.ofNullable(System.getProperty("freshet.random.queries"));
    Optional<String> minutes = Optional.ofNullable(System.getProperty("freshet.random.minutes"));
    boolean bounded = queries.isPresent() || !seeds.isEmpty();
    double limit = minutes.map(Double::parseDouble).orElse(bounded ? 1e6 : 0.4);
    return new RandomRun(
        version,
        seeds,
        seeds.isEmpty() ? Long.getLong("freshet.random.seed", 1) : 0,
        seeds.isEmpty() ? queries.map(Long::parseLong).orElse(Long.MAX_VALUE / 2) : seeds.size(),
        Duration.ofSeconds((long) (limit * 60)),
        Integer.getInteger("freshet.random.threads", 1),
        Integer.getInteger("freshet.random.failures", 3));
  }

  /** Whether it is among the versions asked for, {@code V15} or {@code 15}. */
  boolean isWanted() {
    return Stream.of(System.getProperty("freshet.random.versions", "V15,V18").split(","))
        .map(name -> PgVersion.valueOf(name.startsWith("V") ? name : "V" + name))
        .anyMatch(version::equals);
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  void run() throws Exception {
    long first = next.get();
    long deadline = System.nanoTime() + time.toNanos();
    try (var executor = Executors.newFixedThreadPool(threads)) {
      List<Future<?>> workers =
          LongStream.range(0, threads)
              .<Future<?>>mapToObj(
                  _ ->
                      executor.submit(
                          () -> {
                            work(deadline);
                            return true;
                          }))
              .toList();
      for (Future<?> worker : workers) {
        worker.get();
      }
    }
    System.out.printf(
        "%s, seeds %s: %s%n",
        version,
        seeds.isEmpty() ? first + " to " + (next.get() - 1) : seeds,
        tally.report(threads));
  }

  /** Seeds in blocks that share a schema. */
  private void work(long deadline) throws SQLException {
    try (Database database = SharedServer.of(version).freshDatabase();
        Connection connection = database.connect()) {
      long prepared = Long.MIN_VALUE;
      var runner = new CaseRunner(connection);
      boolean usable = false;
      while (System.nanoTime() < deadline && failures.size() < mostFailures) {
        long from;
        long to;
        synchronized (next) {
          from = next.get();
          to =
              seeds.isEmpty()
                  ? Math.min(end, (Case.schemaOf(from) + 1) * Case.PER_SCHEMA)
                  : from + 1;
          if (from >= end) {
            return;
          }
          next.set(to);
        }
        for (long i = from;
            i < to && System.nanoTime() < deadline && failures.size() < mostFailures;
            i++) {
          long seed = seeds.isEmpty() ? i : seeds.get((int) i);
          Case one = Case.of(seed);
          if (Case.schemaOf(seed) != prepared) {
            usable = prepare(connection, one);
            runner = new CaseRunner(connection);
            prepared = Case.schemaOf(seed);
          }
          if (usable) {
            run(runner, connection, one);
          }
        }
      }
    }
  }

  private boolean prepare(Connection connection, Case one) throws SQLException {
    connection.setAutoCommit(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP SCHEMA public CASCADE");
      statement.execute("CREATE SCHEMA public");
      statement.execute("SET search_path = public");
      for (String sql : one.preparation()) {
        statement.execute(sql);
      }
      return true;
    } catch (SQLException e) {
      // A random view may be one that PostgreSQL does not accept.
      tally.add(
          one.seed(),
          new Outcome.Rejected("schema " + e.getSQLState(), String.valueOf(e.getMessage())));
      return false;
    }
  }

  private void run(CaseRunner runner, Connection connection, Case one) throws SQLException {
    Outcome outcome = runner.run(one.script(""), true, Transport.ARRAYS);
    tally.add(one.seed(), outcome);
    switch (outcome) {
      case Outcome.Failed failed -> report(connection, one, failed);
      case Outcome.Undetermined(String message) ->
          System.out.println("seed " + one.seed() + ": " + message);
      case Outcome.Clean _, Outcome.Rejected _ -> {}
    }
  }

  private void report(Connection connection, Case one, Outcome.Failed failed) {
    failures.add("seed " + one.seed() + ", " + version + ": " + failed.kind());
    System.out.println("seed " + one.seed() + " failed, " + failed.kind() + "; making it smaller");
    var runner = new CaseRunner(connection);
    long deadline = System.nanoTime() + SHRINKING.toNanos();
    Case smallest =
        new Shrinker(
                c -> runner.kindOfFailure(c.script("")).equals(failed.kind()),
                () -> System.nanoTime() < deadline)
            .shrink(one);
    Script script =
        smallest.script("seed %d on %s: %s".formatted(one.seed(), version, failed.kind()));
    System.out.println(script);
    System.out.println(
        runner.alone(script) instanceof Outcome.Failed small ? small.message() : failed.message());
    write(one.seed(), script);
  }

  private void write(long seed, Script script) {
    try {
      Files.createDirectories(OUTPUT);
      Files.writeString(
          OUTPUT.resolve("seed-%d-%s.sql".formatted(seed, version)), script.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
