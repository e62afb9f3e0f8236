package dev.freshet.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The shapes whose refresh costs more in larger tables, as {@code src/test/resources/cost} lists
 * them: a shape, then after changes of which tables. Rewritten by {@code
 * -Dfreshet.update-reference=true}.
 */
final class GrowingShapes {
  private static final Path FILE = Path.of("src/test/resources/cost/growing.txt");
  private static final String HEAD =
      "# Shapes whose refresh costs more in larger tables, and after changes of which tables.\n";

  private GrowingShapes() {}

  private static Map<String, Set<String>> read() throws IOException {
    Map<String, Set<String>> shapes = new TreeMap<>();
    for (String line : Files.readAllLines(FILE)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        String[] words = line.strip().split("[ :]+");
        var tables = new TreeSet<String>();
        for (int i = 1; i < words.length; i++) {
          tables.add(words[i]);
        }
        shapes.put(words[0], tables);
      }
    }
    return shapes;
  }

  /** The tables after whose changes the shape's refresh costs more in larger tables. */
  static Set<String> of(CostShape shape) throws IOException {
    return read().getOrDefault(shape.name(), Set.of());
  }

  static void rewrite(CostShape shape, Set<String> tables) throws IOException {
    Map<String, Set<String>> shapes = read();
    shapes.remove(shape.name());
    if (!tables.isEmpty()) {
      shapes.put(shape.name(), tables);
    }
    var text = new StringBuilder(HEAD);
    shapes.forEach(
        (name, all) -> text.append(name).append(": ").append(String.join(" ", all)).append('\n'));
    Files.writeString(FILE, text);
  }
}
