package dev.freshet.bench.writers;

import dev.freshet.bench.BenchRun;
import dev.freshet.bench.report.BarChart;
import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.Figures;
import dev.freshet.bench.report.Samples;
import dev.freshet.bench.report.TextTable;
import dev.freshet.bench.report.Verdict;
import dev.freshet.bench.report.Verdict.Bound;
import dev.freshet.bench.writers.WritersBenchmark.Measured;
import dev.freshet.config.CdcMode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** Lays out what capture costs the writers. */
record WritersReport(WritersBenchmark bench, List<Measured> all) {
  private static final double LATENCY_LIMIT = 1.05;
  private static final double THROUGHPUT_LIMIT = 0.85;

  BenchReport report(BenchRun run) throws SQLException {
    List<Map<String, Object>> lines = new ArrayList<>();
    List<List<String>> rows = new ArrayList<>();
    List<Verdict> verdicts = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    List<BarChart.Group> groups = new ArrayList<>();
    for (Measured measured : all) {
      for (Attachment attachment : Attachment.values()) {
        lines.add(line(measured, attachment));
        rows.add(row(measured, attachment));
        if (attachment.mode() == CdcMode.WAL && attachment != Attachment.NOTHING) {
          verdicts.addAll(verdicts(measured, attachment));
        }
        if (!measured.equal().getOrDefault(attachment, false)) {
          faults.add(attachment + ": a stream table differs from its query");
        }
      }
      groups.add(
          new BarChart.Group(
              "sync " + measured.synchronousCommit(),
              List.of(Attachment.values()).stream().map(one -> perSecond(measured, one)).toList()));
    }
    return new BenchReport(
        "writers",
        "four writers of small transactions (two updates, one insert), with nothing attached and"
            + " with an engine that keeps two stream tables a second fresh",
        run.circumstances(
            1,
            bench.rounds(),
            Map.of("synchronous_commit", String.join(" and ", bench.synchronousCommit()))),
        lines,
        List.of(
            TextTable.of(
                "Writers",
                2,
                List.of(
                    "attached",
                    "synchronous_commit",
                    "transactions/s",
                    "÷ nothing",
                    "paced at",
                    "p50 ms",
                    "÷ nothing",
                    "p99 ms",
                    "÷ nothing"),
                rows)),
        verdicts,
        List.of(
            "Server, engine and writers share the same cores. Rounds of %d s per turn, in rotating"
                    .formatted(bench.slice().toSeconds())
                + " order; ratios compare medians over the rounds (throughput) and all transactions"
                + " of all rounds (latency). Before the first round each attachment has a turn that"
                + " does not count.",
            "Paced: half the saturated rate of nothing attached. A transaction that was due while"
                + " its writer was still busy counts from when it was due; a late timer does not"
                + " count.",
            "trigger_rows and trigger_sums: the stream tables of wal_default and wal_full with"
                + " cdc.mode: trigger, on tables of their own in a database of their own; the same"
                + " server, wal_level = logical.",
            "With nothing attached no engine runs, and with nothing or with triggers no walsender;"
                + " the log of such a turn is decoded before the next turn that reads the log"
                + " begins. Target b, above triggers: wal_default is compared with trigger_rows,"
                + " wal_full with trigger_sums."),
        faults,
        Optional.of(
            new BarChart(
                "Writers, saturated",
                "four writers; longer is better",
                "transactions/s",
                List.of(Attachment.values()).stream().map(Attachment::label).toList(),
                List.of(new BarChart.Panel("transactions per second", groups)))));
  }

  private static double perSecond(Measured measured, Attachment attachment) {
    return Samples.of(measured.saturated().getOrDefault(attachment, List.of(Double.NaN))).median();
  }

  private static double millis(Measured measured, Attachment attachment, double percentile) {
    Histogram histogram = measured.paced().get(attachment);
    return histogram == null ? Double.NaN : histogram.getValueAtPercentile(percentile) / 1e3;
  }

  private static double throughputRatio(Measured measured, Attachment attachment) {
    return perSecond(measured, attachment) / perSecond(measured, Attachment.NOTHING);
  }

  private static double latencyRatio(Measured measured, Attachment attachment, double percentile) {
    return millis(measured, attachment, percentile)
        / millis(measured, Attachment.NOTHING, percentile);
  }

  private static Map<String, Object> line(Measured measured, Attachment attachment) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("bench", "writers");
    line.put("contender", attachment.label());
    line.put("synchronous_commit", measured.synchronousCommit());
    line.put("saturated_tps", Figures.rounded(perSecond(measured, attachment)));
    line.put("throughput_ratio", Figures.rounded(throughputRatio(measured, attachment)));
    line.put("paced_tps", Figures.rounded(measured.pacedPerSecond()));
    line.put("p50_ms", Figures.rounded(millis(measured, attachment, 50)));
    line.put("p99_ms", Figures.rounded(millis(measured, attachment, 99)));
    line.put("p50_ratio", Figures.rounded(latencyRatio(measured, attachment, 50)));
    line.put("p99_ratio", Figures.rounded(latencyRatio(measured, attachment, 99)));
    line.put("equal", measured.equal().getOrDefault(attachment, false));
    return line;
  }

  private static List<String> row(Measured measured, Attachment attachment) {
    return List.of(
        attachment.label(),
        measured.synchronousCommit(),
        Figures.significant(perSecond(measured, attachment)),
        Figures.times(throughputRatio(measured, attachment)),
        Figures.significant(measured.pacedPerSecond()),
        Figures.millis(millis(measured, attachment, 50)),
        Figures.times(latencyRatio(measured, attachment, 50)),
        Figures.millis(millis(measured, attachment, 99)),
        Figures.times(latencyRatio(measured, attachment, 99)));
  }

  private static List<Verdict> verdicts(Measured measured, Attachment attachment) {
    String cell = attachment + " sync " + measured.synchronousCommit();
    return List.of(
        new Verdict(
            "a",
            cell,
            "p50 ÷ nothing",
            latencyRatio(measured, attachment, 50),
            Bound.AT_MOST,
            LATENCY_LIMIT,
            "×"),
        new Verdict(
            "a",
            cell,
            "p99 ÷ nothing",
            latencyRatio(measured, attachment, 99),
            Bound.AT_MOST,
            LATENCY_LIMIT,
            "×"),
        new Verdict(
            "b",
            cell,
            "transactions/s ÷ nothing",
            throughputRatio(measured, attachment),
            Bound.AT_LEAST,
            THROUGHPUT_LIMIT,
            "×"),
        new Verdict(
            "b",
            cell,
            "transactions/s ÷ triggers",
            perSecond(measured, attachment) / perSecond(measured, peer(attachment)),
            Bound.MORE_THAN,
            1,
            "×"));
  }

  /** The same stream tables by triggers. */
  private static Attachment peer(Attachment attachment) {
    return attachment == Attachment.WAL_FULL ? Attachment.TRIGGER_SUMS : Attachment.TRIGGER_ROWS;
  }
}
