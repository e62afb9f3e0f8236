package dev.freshet.corpus;

import dev.freshet.engine.survey.JudgedQuery;
import dev.freshet.engine.survey.JudgedQuery.Full;
import dev.freshet.engine.survey.JudgedQuery.Incremental;
import dev.freshet.engine.survey.ScriptFile;
import dev.freshet.engine.survey.WorkloadReport;
import dev.freshet.sql.RefreshClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The page {@code docs/reference/coverage.md}. */
final class CoveragePage {
  private static final String HEAD =
      """
      # Coverage

      <!-- Generated from the corpus; do not edit.
           Rewrite with: mvn -pl bench -am test -Dtest=CorpusTest \\
             -Dsurefire.failIfNoSpecifiedTests=false -Dfreshet.update-reference=true -->

      What people write as views, and how Freshet keeps each of them. The corpus is in
      [`bench/src/main/resources/corpus`](../../bench/src/main/resources/corpus): schemas of real-life
      kind, each view with the question that it answers. Every view there becomes an exact stream
      table; those that are refreshed *in full* cost an evaluation of the query per refresh, and are
      listed below with the reason.

      The same for your own queries, before you install anything:

      ```console
      $ freshet compile schema.sql reports.sql
      ```

      """;

  private CoveragePage() {}

  static String markdown(List<ScriptFile> files, WorkloadReport report) {
    StringBuilder page = new StringBuilder(HEAD);
    table(page, files, report);
    reasons(page, report);
    full(page, files, report);
    return page.toString();
  }

  private static void table(StringBuilder page, List<ScriptFile> files, WorkloadReport report) {
    page.append("| corpus | about | views | algebraic | affected keys | full |\n");
    page.append("|---|---|---:|---:|---:|---:|\n");
    for (ScriptFile file : files) {
      row(page, file.name().replace(".sql", ""), about(file), of(file, report));
    }
    row(page, "**all**", "", report.queries());
    long all = report.queries().size();
    page.append(
        String.format(
            Locale.ROOT,
            "%n%d of %d views (%.0f %%) are maintained incrementally.%n",
            report.incremental(),
            all,
            100.0 * report.incremental() / all));
  }

  private static void row(
      StringBuilder page, String name, String about, List<JudgedQuery> queries) {
    page.append(
        "| %s | %s | %d | %d | %d | %d |\n"
            .formatted(
                name,
                about,
                queries.size(),
                count(queries, RefreshClass.ALGEBRAIC),
                count(queries, RefreshClass.AFFECTED_KEYS),
                queries.stream().filter(query -> query.outcome() instanceof Full).count()));
  }

  private static long count(List<JudgedQuery> queries, RefreshClass refreshClass) {
    return queries.stream()
        .filter(query -> query.outcome().equals(new Incremental(refreshClass)))
        .count();
  }

  private static List<JudgedQuery> of(ScriptFile file, WorkloadReport report) {
    return report.queries().stream()
        .filter(query -> query.place().file().equals(file.name()))
        .toList();
  }

  /** What the file's first comment says up to a colon or full stop. */
  private static String about(ScriptFile file) {
    return file.text().lines().findFirst().orElse("").replaceFirst("^-- ", "").split("[:.]")[0];
  }

  private static void reasons(StringBuilder page, WorkloadReport report) {
    Map<String, Integer> counts = new TreeMap<>();
    for (JudgedQuery query : report.queries()) {
      if (query.outcome() instanceof Full(String reason)) {
        counts.merge(kind(reason), 1, Integer::sum);
      }
    }
    if (counts.isEmpty()) {
      return;
    }
    page.append("\n## Why in full\n\n| views | because |\n|---:|---|\n");
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(
            entry ->
                page.append("| %d | %s |\n".formatted(entry.getValue(), cell(entry.getKey()))));
  }

  /** A reason without what differs from query to query. */
  private static String kind(String reason) {
    return reason.replaceAll("(\"[^\"]*\"\\.?)+", "…").replaceAll("\\s+", " ").strip();
  }

  private static void full(StringBuilder page, List<ScriptFile> files, WorkloadReport report) {
    List<String> rows = new ArrayList<>();
    for (ScriptFile file : files) {
      for (JudgedQuery query : of(file, report)) {
        if (query.outcome() instanceof Full(String reason)) {
          rows.add(
              "| %s.%s | %s | %s |\n"
                  .formatted(
                      file.name().replace(".sql", ""),
                      query.name(),
                      cell(query.comment()),
                      cell(reason)));
        }
      }
    }
    if (!rows.isEmpty()) {
      page.append("\n## Refreshed in full\n\n| view | question | reason |\n|---|---|---|\n");
      rows.forEach(page::append);
    }
  }

  private static String cell(String text) {
    return text.replaceAll("\\s+", " ").replace("|", "\\|").strip();
  }
}
