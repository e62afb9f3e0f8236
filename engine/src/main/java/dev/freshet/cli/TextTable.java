package dev.freshet.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Rows under headings, aligned for people: texts to the left, quantities to the right, two spaces
 * between. A column whose cells are all empty is left out.
 */
public final class TextTable {
  private static final String GAP = "  ";

  private record Column(String heading, boolean right) {}

  /** A column that has content, and its width in characters. */
  private record Shown(int index, int width) {}

  private record Cell(String text, UnaryOperator<String> style) {
    String padded(int width, boolean right, boolean last) {
      String space = " ".repeat(width - width(text));
      String styled = style.apply(text);
      if (right) {
        return space + styled;
      }
      return last ? styled : styled + space;
    }
  }

  private final List<Column> columns = new ArrayList<>();
  private final List<List<Cell>> rows = new ArrayList<>();

  public TextTable text(String heading) {
    columns.add(new Column(heading, false));
    return this;
  }

  public TextTable quantity(String heading) {
    columns.add(new Column(heading, true));
    return this;
  }

  /** Begins a row; {@link #cell} fills it from the left. */
  public TextTable row(String... cells) {
    rows.add(new ArrayList<>());
    for (String cell : cells) {
      cell(cell);
    }
    return this;
  }

  public TextTable cell(String text) {
    return cell(text, UnaryOperator.identity());
  }

  /** A cell in a colour that does not count for its width. */
  public TextTable cell(String text, UnaryOperator<String> style) {
    List<Cell> row = rows.getLast();
    if (row.size() == columns.size()) {
      throw new IllegalStateException("a row has more cells than the table has columns");
    }
    row.add(new Cell(text, style));
    return this;
  }

  /** The table, each line ended; headings in {@code styles}' strong. */
  public String render(Styles styles) {
    List<Shown> shown = shownColumns();
    StringBuilder text = new StringBuilder();
    List<Cell> headings =
        columns.stream().map(column -> new Cell(column.heading(), styles::strong)).toList();
    appendLine(text, headings, shown);
    rows.forEach(row -> appendLine(text, row, shown));
    return text.toString();
  }

  private List<Shown> shownColumns() {
    List<Shown> shown = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      int column = i;
      int content = rows.stream().mapToInt(row -> width(text(row, column))).max().orElse(0);
      if (content > 0) {
        shown.add(new Shown(i, Math.max(content, width(columns.get(i).heading()))));
      }
    }
    return shown;
  }

  private void appendLine(StringBuilder text, List<Cell> row, List<Shown> shown) {
    StringBuilder line = new StringBuilder();
    for (Shown column : shown) {
      Cell cell =
          column.index() < row.size()
              ? row.get(column.index())
              : new Cell("", UnaryOperator.identity());
      boolean last = column == shown.getLast();
      line.append(line.isEmpty() ? "" : GAP)
          .append(cell.padded(column.width(), columns.get(column.index()).right(), last));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static String text(List<Cell> row, int column) {
    return column < row.size() ? row.get(column).text() : "";
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
