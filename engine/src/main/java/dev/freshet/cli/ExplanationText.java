package dev.freshet.cli;

import dev.freshet.engine.Explanation;
import dev.freshet.engine.IndexHint;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import dev.freshet.sql.filter.RowCondition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** How a query is maintained, for people and for programs. */
final class ExplanationText {
  private ExplanationText() {}

  /**
   * @param title what the query is called
   */
  static String of(
      String title, Explanation explanation, List<ExplainedSql> statements, Styles styles) {
    CompiledQuery compiled = explanation.compiled();
    StringBuilder text = new StringBuilder();
    text.append(styles.strong(title))
        .append(": ")
        .append(
            switch (compiled.refreshClass()) {
              case ALGEBRAIC -> styles.good("maintained incrementally") + " (algebraic)";
              case AFFECTED_KEYS -> styles.good("maintained incrementally") + " (affected keys)";
              case FULL -> styles.warning("refreshed in full");
            })
        .append("\n\n");
    operators(text, compiled.explain(), "", "", styles);
    StorageLayout layout = compiled.layout();
    text.append("\nrow identity  ").append(layout.rowIdentity()).append('\n');
    text.append("columns       ").append(String.join(", ", layout.visible())).append('\n');
    layout.columns().stream()
        .filter(StorageLayout.Column::hidden)
        .forEach(
            column ->
                text.append("hidden        ")
                    .append(column.name())
                    .append(": ")
                    .append(column.meaning())
                    .append('\n'));
    explanation
        .settings()
        .forEach(
            (name, value) ->
                text.append("pinned        ")
                    .append(name)
                    .append(" = ")
                    .append(value)
                    .append('\n'));
    explanation.clockIndexes().forEach(index -> clock(text, index, styles));
    filtered(explanation)
        .forEach(
            need ->
                text.append("filter        changes of ")
                    .append(ExplainedSql.display(need.source().name()))
                    .append(": ")
                    .append(need.filter())
                    .append('\n'));
    explanation
        .upstreams()
        .forEach(
            upstream ->
                text.append("reads         ")
                    .append(ExplainedSql.display(upstream.name()))
                    .append(": a stream table of level ")
                    .append(upstream.level())
                    .append(", refreshed in the same transaction\n"));
    if (!explanation.identities().isEmpty()) {
      text.append('\n').append(identities(explanation.identities(), styles));
    }
    if (!explanation.missingIndexes().isEmpty()) {
      text.append('\n');
      explanation
          .missingIndexes()
          .forEach(
              hint ->
                  text.append(styles.warning("missing index:"))
                      .append(' ')
                      .append(hint.statement())
                      .append(styles.faint("  -- " + hint.reason()))
                      .append('\n'));
    }
    for (ExplainedSql statement : statements) {
      text.append('\n').append(styles.faint("-- " + statement.purpose())).append('\n');
      for (int i = 0; i < statement.parameters().size(); i++) {
        text.append(styles.faint("--   $" + (i + 1) + " " + statement.parameters().get(i)))
            .append('\n');
      }
      text.append(statement.sql().strip()).append(";\n");
    }
    return text.toString();
  }

  /** The sources of whose changed rows only some are shipped. */
  private static List<DeltaNeed> filtered(Explanation explanation) {
    Set<TableName> upstreams =
        explanation.upstreams().stream()
            .map(Explanation.Upstream::name)
            .collect(Collectors.toSet());
    return explanation.compiled().deltaNeeds().stream()
        .filter(need -> !(need.filter() instanceof RowCondition.Unknown))
        .filter(need -> !upstreams.contains(need.source().name()))
        .toList();
  }

  private static void clock(StringBuilder text, Explanation.ClockIndex clock, Styles styles) {
    String source = ExplainedSql.display(clock.source());
    text.append("clock         ").append(clock.condition()).append(": ");
    if (clock.column().isEmpty()) {
      text.append(styles.warning("no index can serve"))
          .append(", every tick reads ")
          .append(source)
          .append(" whole\n");
    } else if (clock.index().isPresent()) {
      text.append("rows that become due are found by index ")
          .append(clock.index().get())
          .append('\n');
    } else {
      text.append(styles.warning("no index on " + source + " (" + clock.column().get() + ")"))
          .append(", every tick reads it whole. Run: ")
          .append(clock.sql())
          .append('\n');
    }
  }

  private static void operators(
      StringBuilder text, OperatorNote note, String indent, String childIndent, Styles styles) {
    String label =
        switch (note.refreshClass()) {
          case ALGEBRAIC -> styles.good("algebraic");
          case AFFECTED_KEYS -> styles.warning("affected keys");
          case FULL -> styles.bad("full");
        };
    text.append(indent).append(note.operator()).append("  [").append(label).append("]\n");
    if (!note.reason().isEmpty()) {
      String bar = note.inputs().isEmpty() ? "    " : "│   ";
      text.append(childIndent).append(bar).append(styles.faint(note.reason())).append('\n');
    }
    for (int i = 0; i < note.inputs().size(); i++) {
      boolean last = i == note.inputs().size() - 1;
      operators(
          text,
          note.inputs().get(i),
          childIndent + (last ? "└─ " : "├─ "),
          childIndent + (last ? "   " : "│  "),
          styles);
    }
  }

  private static String identities(List<Explanation.Identity> identities, Styles styles) {
    TextTable table =
        new TextTable().text("SOURCE").text("REPLICA IDENTITY").text("REQUIRED").text("REASON");
    StringBuilder remedies = new StringBuilder();
    for (Explanation.Identity identity : identities) {
      boolean serves = identity.sql().isEmpty();
      table
          .row(ExplainedSql.display(identity.source()))
          .cell(identity.current(), serves ? styles::good : styles::warning)
          .cell(identity.required())
          .cell(identity.reason());
      if (!serves) {
        remedies.append("  ").append(identity.sql()).append('\n');
      }
    }
    return table.render(styles)
        + (remedies.isEmpty()
            ? ""
            : "\nReplica identity to set first (freshet does so itself where"
                + " cdc.manage-replica-identity is on):\n"
                + remedies);
  }

  /** The same as nested maps, with stable names. */
  static Map<String, Object> forPrograms(Explanation explanation, List<ExplainedSql> statements) {
    CompiledQuery compiled = explanation.compiled();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", ExplainedSql.display(explanation.target()));
    answer.put("refreshClass", compiled.refreshClass().label());
    answer.put("definition", compiled.query().definition());
    answer.put("operators", operator(compiled.explain()));
    answer.put("rowIdentity", compiled.layout().rowIdentity());
    answer.put("columns", compiled.layout().columns());
    answer.put("settings", explanation.settings());
    answer.put("clock", explanation.clockIndexes().stream().map(ExplanationText::clock).toList());
    answer.put(
        "filters",
        filtered(explanation).stream()
            .map(
                need ->
                    Map.of(
                        "source",
                        ExplainedSql.display(need.source().name()),
                        "condition",
                        need.filter().toString()))
            .toList());
    answer.put("sources", explanation.identities().stream().map(ExplanationText::source).toList());
    answer.put(
        "upstreams",
        explanation.upstreams().stream()
            .map(u -> Map.of("name", ExplainedSql.display(u.name()), "level", u.level()))
            .toList());
    answer.put(
        "missingIndexes",
        explanation.missingIndexes().stream().map(ExplanationText::index).toList());
    answer.put("statements", statements);
    return answer;
  }

  private static Map<String, Object> operator(OperatorNote note) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("operator", note.operator());
    answer.put("refreshClass", note.refreshClass().label());
    answer.put("reason", note.reason());
    answer.put("inputs", note.inputs().stream().map(ExplanationText::operator).toList());
    return answer;
  }

  private static Map<String, Object> index(IndexHint hint) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("table", ExplainedSql.display(hint.table()));
    answer.put("columns", hint.columns());
    answer.put("sql", hint.statement());
    answer.put("reason", hint.reason());
    return answer;
  }

  private static Map<String, Object> clock(Explanation.ClockIndex index) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("source", ExplainedSql.display(index.source()));
    answer.put("condition", index.condition());
    answer.put("column", index.column().orElse(""));
    answer.put("index", index.index().orElse(""));
    answer.put("sql", index.sql());
    return answer;
  }

  private static Map<String, Object> source(Explanation.Identity identity) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("source", ExplainedSql.display(identity.source()));
    answer.put("replicaIdentity", identity.current());
    answer.put("required", identity.required());
    answer.put("reason", identity.reason());
    answer.put("sql", identity.sql());
    return answer;
  }
}
