package dev.freshet.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The shapes whose refresh costs more in larger tables, as the documentation lists them: a shape,
 * and after changes of which tables. The list is rewritten by {@code
 * -Dfreshet.update-reference=true}.
 */
final class GrowingShapes {
  /** All tables of a query change in one refresh. */
  static final String ALL = "all at once";

  private static final Path PAGE = Path.of("../docs/concepts/refresh-modes.md");
  private static final String BEGIN = "<!-- RefreshCostTest writes this list -->\n";
  private static final String END = "<!-- end of the list -->\n";

  private GrowingShapes() {}

  /** The tables after whose changes the shape's refresh costs more in larger tables. */
  static Set<String> of(CostShape shape) throws IOException {
    return read(Files.readString(PAGE)).getOrDefault(shape, Set.of());
  }

  static void rewrite(CostShape shape, Set<String> tables) throws IOException {
    String page = Files.readString(PAGE);
    Map<CostShape, Set<String>> shapes = read(page);
    shapes.remove(shape);
    if (!tables.isEmpty()) {
      shapes.put(shape, tables);
    }
    String list =
        shapes.entrySet().stream()
            .map(e -> row(e.getKey(), e.getValue()))
            .collect(
                Collectors.joining(
                    "", "| shape | after changes of | for example |\n|---|---|---|\n", ""));
    Files.writeString(
        PAGE,
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + list
            + page.substring(page.indexOf(END)));
  }

  private static String row(CostShape shape, Set<String> tables) {
    return "| %s | %s | `%s` |\n"
        .formatted(shape.title(), String.join(", ", tables), shape.query());
  }

  private static Map<CostShape, Set<String>> read(String page) {
    Map<CostShape, Set<String>> shapes = new EnumMap<>(CostShape.class);
    page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END))
        .lines()
        .skip(2)
        .forEach(
            line -> {
              String[] cells = line.split("\\|");
              CostShape shape =
                  Arrays.stream(CostShape.values())
                      .filter(s -> s.title().equals(cells[1].strip()))
                      .findFirst()
                      .orElseThrow(() -> new AssertionError("no shape " + cells[1]));
              shapes.put(shape, new TreeSet<>(Set.of(cells[2].strip().split(", "))));
            });
    return shapes;
  }
}
