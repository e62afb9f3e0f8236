package dev.freshet.bench.memory;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.TextTable;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What a run of {@link MemoryBenchmark} found, as a report. */
final class Findings {
  private static final double RECOVERED = 0.8;
  private static final double MEGABYTE = 1 << 20;

  private final MemoryBenchmark bench;
  private final List<List<String>> rows = new ArrayList<>();
  private final Map<String, Object> line = new LinkedHashMap<>();
  private final List<String> faults = new ArrayList<>();
  private double before;
  private double after;
  private int full;
  private boolean spilled;

  Findings(MemoryBenchmark bench) {
    this.bench = bench;
    line.put("bench", "memory");
    line.put("changes", bench.changes());
    line.put("heap_mb", bench.heapMegabytes());
  }

  private void add(String what, String value) {
    rows.add(List.of(what, value));
  }

  private void megabytes(String what, String key, long bytes) {
    add(what, String.format(Locale.ROOT, "%,.1f MB", bytes / MEGABYTE));
    line.put(key, bytes);
  }

  private void seconds(String what, String key, double seconds) {
    add(what, Figures.significant(seconds) + " s");
    line.put(key, Figures.rounded(seconds));
  }

  private void rate(String what, String key, double rate) {
    add(what, Figures.count(Math.round(rate)) + " changes/s");
    line.put(key, Math.round(rate));
  }

  void before(double rate) {
    before = rate;
    rate("10,000 rows written and followed, before", "before_per_second", rate);
  }

  void written(double seconds) {
    seconds("burst written in", "written_s", seconds);
    rate("which is", "written_per_second", bench.changes() / seconds);
  }

  void received(double seconds) {
    seconds("last of it received after another", "received_s", seconds);
  }

  void watched(StatusWatch watch) {
    spilled = watch.stagedBytes() > 0;
    megabytes("staged in the database at most", "staged_bytes", watch.stagedBytes());
    add("transactions in it", Figures.count(watch.stagedTransactions()));
    megabytes("buffered in the JVM at most", "buffered_bytes", watch.bufferedBytes());
    megabytes("log kept for the slot at most", "retained_bytes", watch.retainedBytes());
  }

  void refreshed(String table, RefreshReport report, double seconds) {
    String name = table.substring(table.indexOf('.') + 1);
    seconds(
        "%s refreshed, %s, %,d rows of delta"
            .formatted(name, report.mode().name().toLowerCase(Locale.ROOT), report.deltaRows()),
        name + "_s",
        seconds);
    if (report.mode() != Mode.INCREMENTAL) {
      full++;
      faults.add(table + " had to be refreshed in full: " + report.reason());
    }
  }

  void heap(ChildEngine.Heap heap) {
    megabytes("heap in use at most, garbage included", "heap_used_bytes", heap.used());
    megabytes("heap that a collection left at most", "heap_survived_bytes", heap.survived());
  }

  void after(double rate) {
    after = rate;
    rate("10,000 rows written and followed, after", "after_per_second", rate);
  }

  void equal(Map<String, Boolean> equal) {
    equal.forEach(
        (table, same) -> {
          if (!same) {
            faults.add(table + " differs from its query");
          }
        });
    line.put("equal", !equal.containsValue(false));
  }

  BenchReport report(BenchRun run) throws SQLException {
    if (!spilled) {
      faults.add("nothing was staged: the burst was too small for this heap");
    }
    return new BenchReport(
        "memory",
        "a burst of %,d changes through an engine with -Xmx%dm"
            .formatted(bench.changes(), bench.heapMegabytes()),
        run.circumstances(1, bench.rounds()),
        List.of(line),
        List.of(TextTable.of("A burst and what became of it", 1, List.of("what", "figure"), rows)),
        List.of(
            new Verdict("memory", "burst", "full refreshes", full, Bound.AT_MOST, 0, ""),
            new Verdict(
                "memory",
                "speed",
                "after ÷ before",
                after / before,
                Bound.AT_LEAST,
                RECOVERED,
                "×")),
        List.of(
            "%,d rows, replica identity FULL (the sums need old rows). Four fifths of the burst are"
                    .formatted(bench.rows())
                + " transactions of 1,000 updates, the last fifth is one transaction.",
            "The buffer takes a quarter of the heap at most, and stages from half of that on. Both"
                + " stream tables are refreshed from the staged changes, mode incremental: a full"
                + " refresh would mean that changes were given up.",
            "Speed: 10,000 updates in one transaction, then a refresh of both stream tables;"
                + " median. Writer, server and engine share the cores."),
        faults,
        Optional.empty());
  }
}
