package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The relations of a FROM clause: which column a name means. What is not found is looked up in the
 * scope around a sub-query.
 */
final class Scope {
  /** A column as the query calls it, and what it is. */
  record Visible(String name, ColumnRef ref) {}

  /**
   * A column of a FROM item.
   *
   * @param value what its name means; of merged columns (USING) the merged value, in their common
   *     type
   * @param operand what may stand for it in a comparison: a single column where there is one
   */
  record Entry(String name, Scalar value, Scalar operand) {
    static Entry of(Visible column) {
      Scalar value = Scalar.column(column.ref());
      return new Entry(column.name(), value, value);
    }
  }

  /**
   * A named FROM item.
   *
   * @param row what {@code alias.*} means as a value, if that can be said
   * @param notNull a column that is NULL only in a row that an outer join made up
   */
  record Relation(List<Entry> columns, Optional<Scalar> row, Optional<ColumnRef> notNull) {
    Relation {
      columns = List.copyOf(columns);
    }

    Relation nullable() {
      Optional<Scalar> nullable =
          row.flatMap(
              r ->
                  notNull.map(
                      c -> Scalar.of("(CASE WHEN (", c, " IS NOT NULL) THEN ", r, " END)")));
      return new Relation(columns, nullable, Optional.empty());
    }
  }

  private final Optional<Scope> outer;
  private final Map<String, Relation> relations;
  private final List<Entry> output;

  private Scope(Optional<Scope> outer, Map<String, Relation> relations, List<Entry> output) {
    this.outer = outer;
    this.relations = relations;
    this.output = List.copyOf(output);
  }

  /** No relation yet. */
  static Scope inside(Optional<Scope> outer) {
    return new Scope(outer, Map.of(), List.of());
  }

  static Scope of(String alias, Relation relation) {
    return new Scope(Optional.empty(), Map.of(alias, relation), relation.columns());
  }

  /** This scope and the relations of another one behind it. */
  Scope and(Scope other) {
    Map<String, Relation> all = new LinkedHashMap<>(relations);
    other.relations.forEach((alias, relation) -> add(all, alias, relation));
    List<Entry> columns = new ArrayList<>(output);
    columns.addAll(other.output);
    return new Scope(outer, all, columns);
  }

  /** With one more name for some columns, which names without relation do not reach. */
  Scope and(String alias, Relation relation) {
    Map<String, Relation> all = new LinkedHashMap<>(relations);
    add(all, alias, relation);
    return new Scope(outer, all, output);
  }

  private static void add(Map<String, Relation> all, String alias, Relation relation) {
    if (all.put(alias, relation) != null) {
      throw new UnsupportedQueryException("two relations named " + alias);
    }
  }

  /** The columns that names without relation mean, and their order: those of a join. */
  Scope withOutput(List<Entry> columns) {
    return new Scope(outer, relations, columns);
  }

  /** As the side of an outer join that may have no row. */
  Scope nullable() {
    Map<String, Relation> all = new LinkedHashMap<>();
    relations.forEach((alias, relation) -> all.put(alias, relation.nullable()));
    return new Scope(outer, all, output);
  }

  boolean hasRelation(String alias) {
    return relations.containsKey(alias) || outer.filter(o -> o.hasRelation(alias)).isPresent();
  }

  Optional<Scalar> qualified(String alias, String column) {
    Relation relation = relations.get(alias);
    if (relation == null) {
      return outer.flatMap(o -> o.qualified(alias, column));
    }
    return relation.columns().stream()
        .filter(c -> c.name().equals(column))
        .map(Entry::value)
        .findFirst();
  }

  /** All of a relation's columns as one value. */
  Optional<Scalar> row(String alias) {
    Relation relation = relations.get(alias);
    return relation == null ? outer.flatMap(o -> o.row(alias)) : relation.row();
  }

  /** The column that a name without relation means; PostgreSQL prints such only if it is unique. */
  Optional<Scalar> bare(String column) {
    List<Entry> all = named(column);
    return all.isEmpty()
        ? outer.flatMap(o -> o.bare(column))
        : all.size() == 1 ? Optional.of(all.getFirst().value()) : Optional.empty();
  }

  /** The columns of this name that need no relation before them. */
  List<Entry> named(String column) {
    return output.stream().filter(c -> c.name().equals(column)).toList();
  }

  List<Entry> output() {
    return output;
  }

  /** Whether a column belongs to a query around this one. */
  boolean isOuter(ColumnRef ref) {
    return outer.isPresent() && outer.get().sees(ref);
  }

  private boolean sees(ColumnRef ref) {
    boolean here =
        relations.values().stream()
            .flatMap(r -> r.columns().stream())
            .anyMatch(c -> c.value().columns().contains(ref));
    return here || isOuter(ref);
  }
}
