package dev.freshet.demo;

import dev.freshet.bench.report.Figures;
import dev.freshet.engine.control.AuditReport;
import java.util.ArrayList;
import java.util.List;

/** The audit's result as lines; the last one says it all. */
final class AuditText {
  private AuditText() {}

  /**
   * @param expected stream tables that were to be audited; one that is missing is a failure
   */
  static List<String> lines(List<AuditReport> reports, int expected) {
    List<String> lines = new ArrayList<>();
    for (AuditReport report : reports) {
      lines.add(
          "  %-26s %-9s %10s rows  at snapshot %s"
              .formatted(
                  report.name(),
                  report.error().isPresent() ? "FAILED" : report.equal() ? "equal" : "DIFFERS",
                  Figures.count(report.rows()),
                  report.snapshot()));
      report.error().ifPresent(error -> lines.add("      " + error));
      for (AuditReport.Difference difference : report.differences()) {
        lines.add(
            "      %s ×%d: %s".formatted(difference.side(), difference.copies(), difference.row()));
      }
    }
    long equal = equal(reports);
    boolean ok = equal == expected && reports.size() == expected;
    lines.add("AUDIT %s %d/%d".formatted(ok ? "OK" : "FAILED", equal, expected));
    return lines;
  }

  static long equal(List<AuditReport> reports) {
    return reports.stream().filter(report -> report.equal() && report.error().isEmpty()).count();
  }
}
