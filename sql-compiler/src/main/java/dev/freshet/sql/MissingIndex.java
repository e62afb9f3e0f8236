package dev.freshet.sql;

import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * An index without which a refresh reads all of a source, however few rows changed.
 *
 * @param columns in the order that the index should have
 * @param reasons each once
 */
public record MissingIndex(SourceTable table, List<String> columns, List<Reason> reasons) {
  public MissingIndex {
    columns = List.copyOf(columns);
    reasons = List.copyOf(reasons);
  }

  /** What the rows of the source are looked up for. */
  public enum Purpose {
    JOIN("a join"),
    SUBQUERY("a sub-query"),
    GROUP("a group that is computed again"),
    PARTITION("a window's partition"),
    DISTINCT("DISTINCT ON"),
    SET("INTERSECT or EXCEPT");

    private final String text;

    Purpose(String text) {
      this.text = text;
    }

    /** In a sentence: "the rows of …". */
    public String text() {
      return text;
    }

    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Rows are looked up for a change of a source. */
  public record Reason(TableName changed, Purpose purpose) {}

  /**
   * The statement that makes it.
   *
   * @param quote writes an identifier as it must stand in SQL text
   */
  public String statement(UnaryOperator<String> quote) {
    return columns.stream()
        .map(quote)
        .collect(
            Collectors.joining(
                ", ",
                "CREATE INDEX ON "
                    + quote.apply(table.name().schema())
                    + "."
                    + quote.apply(table.name().table())
                    + " (",
                ");"));
  }

  /** Why, as one sentence without an end. */
  public String reason() {
    String changed =
        reasons.stream()
            .map(reason -> reason.changed().table())
            .distinct()
            .collect(Collectors.joining(", "));
    String purposes =
        reasons.stream()
            .map(reason -> reason.purpose().text())
            .distinct()
            .collect(Collectors.joining(", "));
    return "changes of "
        + changed
        + " read all of "
        + table.name().table()
        + " otherwise, for "
        + purposes;
  }
}
