package dev.freshet.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A table of texts with a heading, for a terminal or for Markdown. Names left, figures right. */
public record TextTable(String title, List<Column> columns, List<List<String>> rows) {

  /** On which side a column's texts stand. */
  public enum Align {
    LEFT,
    RIGHT
  }

  /** One column's heading and side. */
  public record Column(String name, Align align) {}

  public TextTable {
    columns = List.copyOf(columns);
    List<List<String>> copies = new ArrayList<>();
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "table \"%s\" has %d columns, but a row has %d cells: %s"
                .formatted(title, columns.size(), row.size(), row));
      }
      copies.add(List.copyOf(row));
    }
    rows = List.copyOf(copies);
  }

  /** The first {@code names} columns on the left, the others on the right. */
  public static TextTable of(String title, int names, List<String> heads, List<List<String>> rows) {
    List<Column> columns = new ArrayList<>();
    for (int i = 0; i < heads.size(); i++) {
      columns.add(new Column(heads.get(i), i < names ? Align.LEFT : Align.RIGHT));
    }
    return new TextTable(title, columns, rows);
  }

  /** With aligned columns, each line ended by a line feed. */
  public String plain() {
    int[] widths = new int[columns.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = width(columns.get(i).name());
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    StringBuilder text = new StringBuilder();
    if (!title.isEmpty()) {
      text.append(title).append('\n');
    }
    appendLine(text, columns.stream().map(Column::name).toList(), widths);
    List<String> rules = new ArrayList<>();
    for (int width : widths) {
      rules.add("─".repeat(width));
    }
    appendLine(text, rules, widths);
    rows.forEach(row -> appendLine(text, row, widths));
    return text.toString();
  }

  private void appendLine(StringBuilder text, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String padding = " ".repeat(widths[i] - width(cells.get(i)));
      line.append(i == 0 ? "" : "  ");
      line.append(
          switch (columns.get(i).align()) {
            case LEFT -> cells.get(i) + padding;
            case RIGHT -> padding + cells.get(i);
          });
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  /** As GitHub-flavoured Markdown, the title as a line in bold above. */
  public String markdown() {
    StringBuilder text = new StringBuilder();
    if (!title.isEmpty()) {
      text.append("**").append(title).append("**\n\n");
    }
    text.append(markdownLine(columns.stream().map(Column::name).toList()));
    text.append(
        columns.stream()
            .map(column -> column.align() == Align.LEFT ? "---" : "---:")
            .collect(Collectors.joining("|", "|", "|\n")));
    rows.forEach(row -> text.append(markdownLine(row)));
    return text.toString();
  }

  private static String markdownLine(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
