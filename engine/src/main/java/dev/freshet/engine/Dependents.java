package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What may not be done to a stream table for the sake of those that read it. */
final class Dependents {
  private Dependents() {}

  /**
   * @throws FreshetException UNSUPPORTED_QUERY with the way from the stream table back to itself
   */
  static void requireNoCycle(Graph graph, TableName name, Analysis wanted) {
    for (SourceTable upstream : wanted.upstreamTables()) {
      Optional<List<TableName>> way = graph.path(name, upstream.name());
      if (way.isPresent()) {
        List<TableName> circle = new ArrayList<>(way.get());
        circle.add(name);
        throw FreshetException.of(
            Kind.UNSUPPORTED_QUERY,
            "the query would make %s read itself: %s"
                .formatted(Names.display(name), Graph.arrows(circle)),
            "a stream table may read others, but none that reads it");
      }
    }
  }

  /**
   * @throws FreshetException HAS_DEPENDENTS naming all that read it
   */
  static void requireNone(Graph graph, TableName name) {
    List<TableName> dependents = graph.descendantsOf(name);
    if (!dependents.isEmpty()) {
      throw FreshetException.of(
          Kind.HAS_DEPENDENTS,
          "%s is read by %s"
              .formatted(
                  Names.display(name),
                  dependents.stream().map(Names::display).collect(Collectors.joining(", "))),
          "drop or alter those first, or drop all of them: freshet drop --cascade "
              + Names.display(name));
    }
  }

  /**
   * Columns that other stream tables read must be in the new query's result, with the same type.
   *
   * @throws FreshetException HAS_DEPENDENTS naming columns and readers
   */
  static void requireColumns(StreamTables tables, TableName name, Analysis now, Analysis wanted) {
    Map<String, Integer> kept = new TreeMap<>();
    wanted.query().columns().forEach(column -> kept.put(column.name(), column.type().oid()));
    Map<String, Integer> before = new TreeMap<>();
    now.query().columns().forEach(column -> before.put(column.name(), column.type().oid()));
    Map<String, Set<String>> missing = new TreeMap<>();
    for (TableName dependent : tables.graph().dependentsOf(name)) {
      Optional<Maintained> reader = tables.find(dependent);
      if (reader.isPresent()) {
        for (String column : columnsRead(reader.get(), name)) {
          if (!Optional.ofNullable(kept.get(column))
              .equals(Optional.ofNullable(before.get(column)))) {
            missing.computeIfAbsent(column, _ -> new TreeSet<>()).add(Names.display(dependent));
          }
        }
      }
    }
    if (!missing.isEmpty()) {
      throw FreshetException.of(
          Kind.HAS_DEPENDENTS,
          "the new query of %s does not have, or not with the same type, what others read: %s"
              .formatted(
                  Names.display(name),
                  missing.entrySet().stream()
                      .map(e -> e.getKey() + " (" + String.join(", ", e.getValue()) + ")")
                      .collect(Collectors.joining("; "))),
          "keep these columns, or alter or drop those stream tables first");
    }
  }

  private static List<String> columnsRead(Maintained reader, TableName upstream) {
    return reader.analysis().columnsRead(upstream);
  }
}
