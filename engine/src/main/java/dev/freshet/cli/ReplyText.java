package dev.freshet.cli;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.AuditReport.Difference;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/** Answers of the engine for people. */
final class ReplyText {
  private ReplyText() {}

  static String of(Reply reply, Styles styles) {
    return switch (reply) {
      case Reply.Done(String summary) -> summary.isEmpty() ? "" : summary + "\n";
      case Reply.Created created -> created(created, styles);
      case Reply.Applied(List<TableChange> changes) -> ApplyText.done(changes, styles);
      case Reply.Refreshed(List<RefreshReport> reports) -> refreshed(reports, styles);
      case Reply.Audited(List<AuditReport> reports) -> audited(reports, styles);
      case Reply.StatusOf status -> StatusText.of(status.status(), Instant.now(), styles);
      case Reply.Failed failed -> throw failed.toException();
    };
  }

  private static String created(Reply.Created created, Styles styles) {
    StringBuilder text =
        new StringBuilder()
            .append(styles.strong(created.name()))
            .append(": ")
            .append(Human.count(created.rows(), "row"))
            .append(" in ")
            .append(Human.milliseconds(created.milliseconds()))
            .append(", maintained ")
            .append(created.refreshClass().equals("full") ? "by full refresh" : "incrementally")
            .append(" (")
            .append(created.refreshClass())
            .append(")\n");
    for (String notice : created.notices()) {
      text.append(styles.warning("note:")).append(' ').append(notice).append('\n');
    }
    return text.toString();
  }

  private static String refreshed(List<RefreshReport> reports, Styles styles) {
    if (reports.isEmpty()) {
      return "No stream tables to refresh.\n";
    }
    TextTable table =
        new TextTable()
            .text("STREAM TABLE")
            .text("REFRESH")
            .quantity("CHANGES")
            .quantity("WRITTEN")
            .quantity("TIME")
            .text("REASON");
    for (RefreshReport report : reports) {
      table
          .row(report.name())
          .cell(mode(report.mode()), colourOf(report.mode(), styles))
          .cell(Human.count(report.changes()))
          .cell(Human.count(report.rowsWritten()))
          .cell(Human.milliseconds(report.milliseconds()))
          .cell(report.error().orElse(report.reason()));
    }
    return table.render(styles);
  }

  static String mode(RefreshReport.Mode mode) {
    return switch (mode) {
      case NOOP -> "no-op";
      case INCREMENTAL, FULL, REBUILD, FAILED -> mode.name().toLowerCase(Locale.ROOT);
    };
  }

  static UnaryOperator<String> colourOf(RefreshReport.Mode mode, Styles styles) {
    return switch (mode) {
      case NOOP -> styles::faint;
      case INCREMENTAL -> styles::good;
      case FULL, REBUILD -> styles::warning;
      case FAILED -> styles::bad;
    };
  }

  private static String audited(List<AuditReport> reports, Styles styles) {
    if (reports.isEmpty()) {
      return "No stream tables to audit.\n";
    }
    TextTable table =
        new TextTable().text("STREAM TABLE").text("AUDIT").quantity("ROWS").text("SNAPSHOT");
    for (AuditReport report : reports) {
      boolean failed = report.error().isPresent();
      table
          .row(report.name())
          .cell(
              failed ? "failed" : report.equal() ? "equal" : "differs",
              report.equal() ? styles::good : styles::bad)
          .cell(failed ? "" : Human.count(report.rows()))
          .cell(report.snapshot());
    }
    StringBuilder text = new StringBuilder(table.render(styles));
    reports.forEach(report -> text.append(complaint(report, styles)));
    long equal = reports.stream().filter(AuditReport::equal).count();
    String verdict = equal == reports.size() ? "AUDIT OK " : "AUDIT FAILED ";
    return text.append(verdict)
        .append(equal)
        .append('/')
        .append(reports.size())
        .append('\n')
        .toString();
  }

  private static String complaint(AuditReport report, Styles styles) {
    if (report.error().isPresent()) {
      return "\n"
          + styles.strong(report.name())
          + " could not be audited: "
          + report.error().get()
          + "\n\n";
    }
    if (report.equal()) {
      return "";
    }
    TextTable rows = new TextTable().text("SIDE").quantity("COPIES").text("ROW");
    for (Difference difference : report.differences()) {
      rows.row(difference.side(), Human.count(difference.copies()), difference.row());
    }
    return "\n"
        + styles.strong(report.name())
        + " differs (missing: the query has it; unexpected: only the stream table has it)\n"
        + rows.render(styles)
        + "\n";
  }
}
