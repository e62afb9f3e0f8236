package dev.freshet.cli;

import dev.freshet.engine.survey.JudgedQuery;
import dev.freshet.engine.survey.JudgedQuery.Full;
import dev.freshet.engine.survey.JudgedQuery.Incremental;
import dev.freshet.engine.survey.JudgedQuery.Refused;
import dev.freshet.engine.survey.Place;
import dev.freshet.engine.survey.WorkloadReport;
import dev.freshet.engine.survey.WorkloadReport.Failure;
import dev.freshet.engine.survey.WorkloadReport.Skipped;
import dev.freshet.sql.RefreshClass;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What became of a workload, for people and for programs. */
final class CompileText {
  private CompileText() {}

  static String of(WorkloadReport report, Styles styles) {
    StringBuilder text = new StringBuilder();
    if (!report.queries().isEmpty()) {
      text.append(table(report.queries(), styles).render(styles));
    }
    for (JudgedQuery query : report.queries()) {
      if (query.outcome() instanceof Refused refused) {
        text.append('\n').append(refused(query, refused, styles));
      }
    }
    for (Failure failure : report.failures()) {
      text.append('\n').append(failed(failure, styles));
    }
    if (!report.skipped().isEmpty()) {
      text.append('\n');
      report.skipped().forEach(skipped -> text.append(skipped(skipped, styles)));
    }
    return text.append(text.isEmpty() ? "" : "\n").append(summary(report)).append('\n').toString();
  }

  private static TextTable table(List<JudgedQuery> queries, Styles styles) {
    TextTable table = new TextTable().text("QUERY").text("WHERE").text("REFRESH").text("WHY");
    for (JudgedQuery query : queries) {
      table.row(query.name(), query.place().toString());
      switch (query.outcome()) {
        case Incremental(RefreshClass refreshClass) ->
            table.cell("incremental", styles::good).cell(refreshClass.label());
        case Full(String reason) -> table.cell("full", styles::warning).cell(oneLine(reason));
        case Refused refused -> table.cell("refused", styles::bad).cell(oneLine(refused.message()));
      }
    }
    return table;
  }

  private static String refused(JudgedQuery query, Refused refused, Styles styles) {
    StringBuilder text = new StringBuilder();
    text.append(styles.bad("refused:"))
        .append(' ')
        .append(query.name())
        .append(" (")
        .append(refused.place().map(CompileText::exactly).orElse(query.place().toString()))
        .append("): ")
        .append(refused.message().strip())
        .append(refused.sqlState().map(state -> " [" + state + "]").orElse(""))
        .append('\n');
    refused
        .position()
        .ifPresent(position -> text.append(ErrorText.excerpt(query.text(), position)));
    if (!refused.remedy().isBlank()) {
      text.append(styles.strong("hint:")).append(' ').append(refused.remedy()).append('\n');
    }
    return text.toString();
  }

  private static String exactly(Place place) {
    return place.file() + ":" + place.line() + ":" + place.column();
  }

  private static String failed(Failure failure, Styles styles) {
    return "%s %s: %s%n  %s%s%n"
        .formatted(
            styles.bad("failed:"),
            failure.place(),
            failure.statement(),
            failure.message(),
            failure.sqlState().map(state -> " [" + state + "]").orElse(""));
  }

  private static String skipped(Skipped skipped, Styles styles) {
    return styles.faint(
            "skipped: %s (%s, first at %s)"
                .formatted(
                    skipped.what(), Human.count(skipped.count(), "statement"), skipped.first()))
        + "\n";
  }

  private static String summary(WorkloadReport report) {
    long all = report.queries().size();
    if (all == 0) {
      return "no query found";
    }
    StringBuilder text = new StringBuilder();
    text.append(all == 1 ? "1 query: " : Human.count(all) + " queries: ")
        .append(share(report.incremental(), all, "incremental", classes(report)))
        .append(", ")
        .append(share(report.full(), all, "full", ""))
        .append(", ")
        .append(share(report.refused(), all, "refused", ""));
    if (!report.failures().isEmpty()) {
      text.append("; ")
          .append(Human.count(report.failures().size(), "definition"))
          .append(" failed");
    }
    return text.toString();
  }

  private static String classes(WorkloadReport report) {
    return ": %d algebraic, %d affected keys"
        .formatted(
            report.incremental(RefreshClass.ALGEBRAIC),
            report.incremental(RefreshClass.AFFECTED_KEYS));
  }

  private static String share(long part, long all, String what, String detail) {
    return part == 0
        ? "0 " + what
        : String.format(Locale.ROOT, "%,d %s (%.0f %%%s)", part, what, percent(part, all), detail);
  }

  private static double percent(long part, long all) {
    return all == 0 ? 0 : 100.0 * part / all;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\n\\s*", " ");
  }

  /** The same as nested maps, with stable names. */
  static Map<String, Object> forPrograms(WorkloadReport report) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("queries", report.queries().stream().map(CompileText::query).toList());
    answer.put("failures", report.failures());
    answer.put("skipped", report.skipped());
    long all = report.queries().size();
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("queries", all);
    summary.put("incremental", report.incremental());
    summary.put("algebraic", report.incremental(RefreshClass.ALGEBRAIC));
    summary.put("affectedKeys", report.incremental(RefreshClass.AFFECTED_KEYS));
    summary.put("full", report.full());
    summary.put("refused", report.refused());
    summary.put("incrementalPercent", Math.round(10 * percent(report.incremental(), all)) / 10.0);
    answer.put("summary", summary);
    return answer;
  }

  private static Map<String, Object> query(JudgedQuery query) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", query.name());
    answer.put("file", query.place().file());
    answer.put("line", query.place().line());
    answer.put("comment", query.comment());
    switch (query.outcome()) {
      case Incremental(RefreshClass refreshClass) -> {
        answer.put("refresh", "incremental");
        answer.put("class", refreshClass.label());
      }
      case Full(String reason) -> {
        answer.put("refresh", "full");
        answer.put("class", RefreshClass.FULL.label());
        answer.put("reason", reason);
      }
      case Refused refused -> {
        answer.put("refresh", "refused");
        answer.put("reason", refused.message());
        answer.put("hint", refused.remedy());
        answer.put("sqlState", refused.sqlState());
        answer.put("position", refused.position());
        answer.put("place", refused.place());
      }
    }
    return answer;
  }
}
