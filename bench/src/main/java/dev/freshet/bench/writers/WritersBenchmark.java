package dev.freshet.bench.writers;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.bench.server.Comparison;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.config.CdcMode;
import dev.freshet.engine.Engine;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/**
 * Writers with and without capture, in rounds: within a round each attachment has its turn, first
 * saturated, then, in rounds of their own, at half the saturated rate of nothing attached.
 *
 * @param slice how long one turn takes
 */
public record WritersBenchmark(List<String> synchronousCommit, int rounds, Duration slice)
    implements Benchmark {

  /** All that was measured with one setting of {@code synchronous_commit}. */
  record Measured(
      String synchronousCommit,
      double pacedPerSecond,
      Map<Attachment, List<Double>> saturated,
      Map<Attachment, Histogram> paced,
      Map<Attachment, Boolean> equal) {}

  public WritersBenchmark {
    synchronousCommit = List.copyOf(synchronousCommit);
  }

  @Override
  public String name() {
    return "writers";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    int turns = Attachment.values().length * (rounds * 2 + 1);
    run.progress().expect(turns * synchronousCommit.size());
    List<Measured> all = new ArrayList<>();
    for (String commit : synchronousCommit) {
      try (BenchDatabase database =
              run.server().createDatabase("writers", Map.of("synchronous_commit", commit));
          BenchDatabase triggered =
              run.server()
                  .createDatabase("writers_trigger", Map.of("synchronous_commit", commit))) {
        all.add(new Turns(run, database, triggered, commit).measure());
      }
    }
    return new WritersReport(this, all).report(run);
  }

  /** The turns in one database. */
  private final class Turns {
    private final BenchRun run;
    private final BenchDatabase database;
    private final BenchDatabase triggered;
    private final String commit;
    private Optional<Engine> engine = Optional.empty();
    private CdcMode serving = CdcMode.WAL;

    Turns(BenchRun run, BenchDatabase database, BenchDatabase triggered, String commit) {
      this.run = run;
      this.database = database;
      this.triggered = triggered;
      this.commit = commit;
    }

    /** Triggers cost the writers whether an engine runs or not: theirs is another database. */
    private BenchDatabase of(CdcMode mode) {
      return mode == CdcMode.TRIGGER ? triggered : database;
    }

    private BenchDatabase of(Attachment attachment) {
      return of(attachment.mode());
    }

    Measured measure() throws SQLException {
      try (Connection connection = database.connect()) {
        prepare();
        warmUp(connection);
        Map<Attachment, List<Double>> saturated = new EnumMap<>(Attachment.class);
        for (int round = 0; round < rounds; round++) {
          for (Attachment attachment : inTurn(round)) {
            attach(attachment, connection);
            run.progress().step(attachment + ", saturated, synchronous_commit " + commit);
            Load.Done done =
                new Load(of(attachment), attachment, run.seed() + round).saturate(slice);
            saturated.computeIfAbsent(attachment, _ -> new ArrayList<>()).add(done.perSecond());
          }
        }
        double rate =
            Samples.of(saturated.getOrDefault(Attachment.NOTHING, List.of())).median() / 2;
        Map<Attachment, Histogram> paced = new EnumMap<>(Attachment.class);
        for (int round = 0; round < rounds; round++) {
          for (Attachment attachment : inTurn(round)) {
            attach(attachment, connection);
            run.progress().step(attachment + ", half the rate, synchronous_commit " + commit);
            Load.Done done =
                new Load(of(attachment), attachment, run.seed() - round).pace(slice, rate);
            paced.computeIfAbsent(attachment, _ -> Load.histogram()).add(done.micros());
          }
        }
        return new Measured(commit, rate, saturated, paced, check(connection));
      } finally {
        engine.ifPresent(Engine::close);
      }
    }

    /** A turn each that does not count: in its first seconds Java compiles what a turn runs. */
    private void warmUp(Connection connection) throws SQLException {
      for (Attachment attachment : Attachment.values()) {
        attach(attachment, connection);
        run.progress().step(attachment + ", warming up, synchronous_commit " + commit);
        new Load(of(attachment), attachment, run.seed()).saturate(slice);
      }
    }

    private void prepare() throws SQLException {
      for (Attachment attachment : Attachment.values()) {
        of(attachment)
            .execute(
                """
                CREATE TABLE %s (id int PRIMARY KEY, branch int NOT NULL, balance bigint NOT NULL,
                  owner text NOT NULL) WITH (fillfactor = 80)\
                """
                    .formatted(attachment.account()),
                "INSERT INTO %s SELECT i, i %% 20, 1000, 'owner ' || i FROM generate_series(1, %d) AS i"
                    .formatted(attachment.account(), Load.ACCOUNTS),
                """
                CREATE TABLE %s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                  account int NOT NULL, amount int NOT NULL, at timestamptz NOT NULL DEFAULT now())\
                """
                    .formatted(attachment.ledger()),
                "VACUUM ANALYZE " + attachment.account());
      }
      for (CdcMode mode : List.of(CdcMode.WAL, CdcMode.TRIGGER)) {
        try (Engine creating = of(mode).openEngine(mode)) {
          for (Attachment attachment : Attachment.values()) {
            List<String> queries = attachment.mode() == mode ? attachment.queries() : List.of();
            for (int i = 0; i < queries.size(); i++) {
              StreamTables.create(creating, attachment.streamTable(i), queries.get(i), Map.of());
            }
          }
        }
      }
    }

    private static List<Attachment> inTurn(int round) {
      List<Attachment> turn = new ArrayList<>(List.of(Attachment.values()));
      java.util.Collections.rotate(turn, -round);
      return turn;
    }

    /** Nothing attached means no engine; the log of its turn is decoded before the next one. */
    private void attach(Attachment attachment, Connection connection) throws SQLException {
      if (attachment == Attachment.NOTHING) {
        engine.ifPresent(Engine::close);
        engine = Optional.empty();
        return;
      }
      if (engine.isPresent() && serving != attachment.mode()) {
        engine.get().close();
        engine = Optional.empty();
      }
      if (engine.isEmpty()) {
        serving = attachment.mode();
        Engine opened = of(attachment).openEngine(serving);
        opened.start();
        engine = Optional.of(opened);
      }
      StreamTables.awaitDecoded(engine.get(), connection);
    }

    private Map<Attachment, Boolean> check(Connection connection) throws SQLException {
      Map<Attachment, Boolean> equal = new EnumMap<>(Attachment.class);
      for (Attachment attachment : Attachment.values()) {
        attach(attachment, connection);
        boolean same = true;
        List<String> queries = attachment.queries();
        try (Connection own = of(attachment).connect()) {
          for (int i = 0; i < queries.size(); i++) {
            String table = attachment.streamTable(i);
            StreamTables.refresh(engine.orElseThrow(), table, Optional.empty());
            same &= Comparison.differences(own, table, queries.get(i)) == 0;
          }
        }
        equal.put(attachment, same);
      }
      return equal;
    }
  }
}
