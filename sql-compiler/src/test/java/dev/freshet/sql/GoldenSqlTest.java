package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.DeltaBinding.Form;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The SQL that is rendered for a query, one file per query in {@code src/test/resources/golden}:
 * the query in the first line, everything below is written by {@code -Dfreshet.update-golden=true}.
 */
class GoldenSqlTest {
  private static final Path DIRECTORY = Path.of("src/test/resources/golden");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scan",
        "filter",
        "aggregate",
        "join",
        "join_aggregate",
        "extrema",
        "having",
        "bag",
        "union",
        "full",
        "self_join",
        "recursive",
        "recursive_join",
        "lookup",
        "window",
        "window_partition",
        "left_join",
        "not_in",
        "clock",
        "clock_rows",
        "clock_keyed",
        "threshold",
        "threshold_rows",
        "exists",
        "histogram"
      })
  void rendersAsBefore(String name) throws Exception {
    Path file = DIRECTORY.resolve(name + ".sql");
    String query = Files.readAllLines(file).getFirst();
    String rendered = rendered(query, name.equals("lookup"));
    if (Boolean.getBoolean("freshet.update-golden")) {
      Files.writeString(file, rendered);
    }
    assertThat(rendered).isEqualTo(Files.readString(file));
  }

  private static String rendered(String query, boolean lookup) throws Exception {
    try (var database = SharedServer.of(PgVersion.V18).freshDatabase()) {
      database.execute(
          "CREATE TABLE src (id int PRIMARY KEY, region text NOT NULL, category text, amount int"
              + " NOT NULL)",
          "CREATE TABLE dim (id int PRIMARY KEY, region text NOT NULL, name text NOT NULL)",
          "CREATE TABLE log (at date, what text)",
          "CREATE TABLE tree (id int PRIMARY KEY, parent int, name text NOT NULL)",
          "CREATE TABLE reading (dim int NOT NULL, at timestamptz)",
          "CREATE TABLE visit (id int PRIMARY KEY, at timestamptz)",
          "ANALYZE");
      try (var connection = database.connect();
          var rig = new Rig(connection, query)) {
        return text(query, rig.compiled, lookup);
      }
    }
  }

  private static String text(String query, CompiledQuery compiled, boolean lookup) {
    var text = new StringBuilder(query).append('\n');
    section(text, "explain");
    explain(text, compiled.explain(), "");
    section(text, "row identity: " + compiled.layout().rowIdentity());
    section(text, "create");
    statements(text, List.of(compiled.createTable(Rig.TARGET, 90)));
    statements(text, compiled.createIndexes(Rig.TARGET));
    if (!compiled.hiddenTables(Rig.TARGET).isEmpty()) {
      section(text, "hidden tables");
      statements(text, compiled.createHiddenTables(Rig.TARGET));
    }
    section(text, "full");
    statements(text, compiled.full(Rig.TARGET));
    if (compiled.due().isPresent()) {
      section(text, "due");
      statements(text, compiled.due().stream().toList());
      section(text, "incremental: time alone");
      statements(text, compiled.incremental(Rig.TARGET, Map.of()));
    }
    Map<Integer, DeltaBinding> all = new LinkedHashMap<>();
    for (DeltaNeed need : compiled.deltaNeeds()) {
      DeltaBinding binding = new DeltaBinding.Arrays(form(need, lookup), Set.of());
      all.put(need.source().oid(), binding);
      section(text, "incremental: " + need.source().name().table() + " as " + binding.form());
      statements(text, compiled.incremental(Rig.TARGET, Map.of(need.source().oid(), binding)));
    }
    if (all.size() > 1) {
      section(text, "incremental: all");
      statements(text, compiled.incremental(Rig.TARGET, all));
    }
    return text.toString();
  }

  private static Form form(DeltaNeed need, boolean lookup) {
    return switch (need) {
      case DeltaNeed.Keyed _ -> lookup ? Form.KEYED_LOOKUP : Form.KEYED;
      case DeltaNeed.Weighted _ -> Form.WEIGHTED;
      case DeltaNeed.Reduced _ -> Form.REDUCED;
    };
  }

  private static void section(StringBuilder text, String title) {
    text.append("\n-- ").append(title).append('\n');
  }

  private static void explain(StringBuilder text, OperatorNote note, String indent) {
    text.append("-- ")
        .append(indent)
        .append(note.operator())
        .append(": ")
        .append(note.refreshClass().label())
        .append(", ")
        .append(note.reason())
        .append('\n');
    note.inputs().forEach(input -> explain(text, input, indent + "  "));
  }

  private static void statements(StringBuilder text, List<SqlStatement> statements) {
    text.append(statements.stream().map(s -> s.sql() + ";\n").collect(Collectors.joining("\n")));
  }
}
