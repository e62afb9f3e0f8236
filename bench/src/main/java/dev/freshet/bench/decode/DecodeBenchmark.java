package dev.freshet.bench.decode;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.Benchmark;
import dev.freshet.bench.decode.Reader.Reading;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.TextTable;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.cdc.debezium.DebeziumClasses;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the same backlog by several readers in turn.
 *
 * @param changes row changes in the backlog
 * @param rounds times that each reader reads it
 */
public record DecodeBenchmark(int changes, int rounds) implements Benchmark {
  private static final double AGAINST_RECVLOGICAL = 0.9;
  private static final double AGAINST_DEBEZIUM = 5;

  @Override
  public String name() {
    return "decode";
  }

  @Override
  public BenchReport run(BenchRun run) throws SQLException {
    Optional<RecvlogicalReader> recvlogical = RecvlogicalReader.find();
    boolean debezium = DebeziumClasses.arePresent();
    int readers = 2 + (recvlogical.isPresent() ? 1 : 0) + (debezium ? 1 : 0);
    run.progress().expect(2 * (1 + readers * (rounds + 1)));
    Findings findings = new Findings(recvlogical, debezium);
    for (boolean full : List.of(false, true)) {
      String identity = full ? "FULL" : "DEFAULT";
      try (BenchDatabase database = run.server().createDatabase("decode", Map.of());
          Connection connection = database.connect()) {
        run.progress()
            .step("writing %,d changes, replica identity %s".formatted(changes, identity));
        Backlog backlog = Backlog.create(database, changes, identity, run.seed());
        List<Reader> inTurn =
            new ArrayList<>(List.of(new BufferReader(full, false), new RawReader()));
        recvlogical.ifPresent(inTurn::add);
        if (debezium) {
          inTurn.add(new BufferReader(full, true));
        }
        int number = 0;
        for (int round = 0; round <= rounds; round++) {
          for (int i = 0; i < inTurn.size(); i++) {
            Reader reader = inTurn.get((i + round) % inTurn.size());
            run.progress().step("%s, identity %s".formatted(reader.label(), identity));
            String slot = Backlog.copySlot(database, connection, ++number);
            Reading reading = read(reader, database, slot, backlog);
            Backlog.dropSlot(connection, slot);
            if (round > 0) { // The first round warms up.
              findings.add(identity, reader, reading, backlog);
            }
          }
        }
      }
    }
    return findings.report(run, this);
  }

  private static Reading read(Reader reader, BenchDatabase database, String slot, Backlog backlog)
      throws SQLException {
    try {
      return reader.read(database, slot, backlog);
    } catch (SQLException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (Exception e) {
      throw new IllegalStateException(reader.label() + ": " + e.getMessage(), e);
    }
  }

  /** Rows per second by identity and reader. */
  private static final class Findings {
    /** A reader's rates under one replica identity. */
    private record Rates(List<Double> received, List<Double> total) {}

    private final Optional<RecvlogicalReader> recvlogical;
    private final boolean debezium;
    private final Map<String, Map<String, Rates>> rates = new LinkedHashMap<>();
    private final List<String> faults = new ArrayList<>();

    Findings(Optional<RecvlogicalReader> recvlogical, boolean debezium) {
      this.recvlogical = recvlogical;
      this.debezium = debezium;
    }

    void add(String identity, Reader reader, Reading reading, Backlog backlog) {
      Rates of =
          rates
              .computeIfAbsent(identity, _ -> new LinkedHashMap<>())
              .computeIfAbsent(
                  reader.label(), _ -> new Rates(new ArrayList<>(), new ArrayList<>()));
      of.received().add(backlog.changes() / reading.receivedSeconds());
      of.total().add(backlog.changes() / reading.totalSeconds());
      reading.fault().ifPresent(fault -> faults.add(reader.label() + ": " + fault));
    }

    BenchReport report(BenchRun run, DecodeBenchmark bench) throws SQLException {
      String yardstick = recvlogical.isPresent() ? "pg_recvlogical" : "pgjdbc stream";
      List<Map<String, Object>> lines = new ArrayList<>();
      List<List<String>> rows = new ArrayList<>();
      List<Verdict> verdicts = new ArrayList<>();
      rates.forEach(
          (identity, byReader) -> {
            Rates reference = byReader.get(yardstick);
            byReader.forEach(
                (reader, own) -> {
                  double received = Samples.of(own.received()).median();
                  double total = Samples.of(own.total()).median();
                  double ratio =
                      reference == null
                          ? Double.NaN
                          : total / Samples.of(reference.total()).median();
                  lines.add(line(identity, reader, received, total, ratio));
                  rows.add(
                      List.of(
                          reader,
                          identity,
                          Figures.count(Math.round(received)),
                          Figures.count(Math.round(total)),
                          Figures.times(ratio)));
                  if (reader.equals("freshet")) {
                    verdicts.add(
                        new Verdict(
                            "decode",
                            "identity " + identity,
                            "freshet ÷ " + yardstick,
                            ratio,
                            Bound.AT_LEAST,
                            AGAINST_RECVLOGICAL,
                            "×"));
                  }
                });
            if (debezium) {
              verdicts.add(againstDebezium(identity, byReader));
            } else {
              rows.add(List.of(BufferReader.DEBEZIUM, identity, "not on the class path", "—", "—"));
            }
          });
      return new BenchReport(
          "decode",
          "%,d changed rows through a replication slot".formatted(bench.changes()),
          run.circumstances(1, bench.rounds()),
          lines,
          List.of(
              TextTable.of(
                  "Changed rows per second, median",
                  2,
                  List.of("reader", "identity", "received", "consolidated", "÷ " + yardstick),
                  rows)),
          verdicts,
          notes(),
          faults,
          Optional.empty());
    }

    private static Verdict againstDebezium(String identity, Map<String, Rates> byReader) {
      double ours = Samples.of(rates(byReader, "freshet").total()).median();
      double theirs = Samples.of(rates(byReader, BufferReader.DEBEZIUM).total()).median();
      return new Verdict(
          "decode",
          "identity " + identity,
          "freshet ÷ debezium",
          ours / theirs,
          Bound.AT_LEAST,
          AGAINST_DEBEZIUM,
          "×");
    }

    private static Rates rates(Map<String, Rates> byReader, String reader) {
      return byReader.getOrDefault(reader, new Rates(List.of(), List.of()));
    }

    private Map<String, Object> line(
        String identity, String reader, double received, double total, double ratio) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("bench", "decode");
      line.put("contender", reader);
      line.put("replica_identity", identity.toLowerCase(java.util.Locale.ROOT));
      line.put("received_rows_per_second", Math.round(received));
      line.put("rows_per_second", Math.round(total));
      line.put("ratio", Figures.rounded(ratio));
      line.put("equal", faults.isEmpty());
      return line;
    }

    private List<String> notes() {
      List<String> notes = new ArrayList<>();
      notes.add(
          "All read copies of one slot, hence the same log: 70 % updates, 15 % deletes, 15 %"
              + " inserts, a thousand rows per transaction; connecting is part of the time.");
      notes.add(
          "freshet decodes, buffers and consolidates (identity DEFAULT: one row per key; FULL: rows"
              + " with weights), and must account for every change. The others throw the bytes"
              + " away.");
      notes.add(
          debezium
              ? "debezium is Freshet in cdc.mode: debezium: Debezium's engine reads the log and"
                  + " makes a record of each change, of which the same delta is made; its time"
                  + " begins with the first change that it delivers."
              : "debezium is measured when its jars are on the class path: see"
                  + " docs/how-to/debezium.md.");
      notes.add(
          recvlogical
              .map(reader -> "Yardstick: " + reader.version() + ", writing to /dev/null.")
              .orElse(
                  "pg_recvlogical was not found; the yardstick is the bare pgjdbc stream, which"
                      + " reads and throws away."));
      return notes;
    }
  }
}
