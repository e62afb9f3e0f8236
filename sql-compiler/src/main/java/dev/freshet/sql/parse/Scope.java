package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The relations of a FROM clause: which column a name means. */
final class Scope {
  /** A column as the query calls it, and what it is. */
  record Visible(String name, ColumnRef ref) {}

  private final Map<String, List<Visible>> relations = new LinkedHashMap<>();

  void add(String alias, List<Visible> columns) {
    if (relations.put(alias, List.copyOf(columns)) != null) {
      throw new UnsupportedQueryException("two relations named " + alias);
    }
  }

  void addAll(Scope other) {
    other.relations.forEach(this::add);
  }

  boolean hasRelation(String alias) {
    return relations.containsKey(alias);
  }

  Optional<ColumnRef> qualified(String alias, String column) {
    return relations.getOrDefault(alias, List.of()).stream()
        .filter(c -> c.name().equals(column))
        .map(Visible::ref)
        .findFirst();
  }

  /** The column that a name without relation means; PostgreSQL prints such only if it is unique. */
  Optional<ColumnRef> bare(String column) {
    List<ColumnRef> all = named(column);
    return all.size() == 1 ? Optional.of(all.getFirst()) : Optional.empty();
  }

  /** All columns of this name, in the order of FROM. */
  List<ColumnRef> named(String column) {
    List<ColumnRef> all = new ArrayList<>();
    relations.values().stream()
        .flatMap(List::stream)
        .filter(c -> c.name().equals(column))
        .forEach(c -> all.add(c.ref()));
    return all;
  }

  List<Visible> columns() {
    return relations.values().stream().flatMap(List::stream).toList();
  }
}
