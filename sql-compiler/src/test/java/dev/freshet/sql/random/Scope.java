package dev.freshet.sql.random;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What an expression may read.
 *
 * @param columns of the query that it stands in
 * @param outer columns of the queries around
 * @param named common table expressions
 * @param depth how deep subqueries may still nest; 0: none
 */
record Scope(List<Column> columns, List<Column> outer, List<Relation> named, int depth) {
  Scope {
    columns = List.copyOf(columns);
    outer = List.copyOf(outer);
    named = List.copyOf(named);
  }

  static Scope top(int depth) {
    return new Scope(List.of(), List.of(), List.of(), depth);
  }

  Stream<Column> all() {
    return Stream.concat(columns.stream(), outer.stream());
  }

  List<Column> of(Type type) {
    return columns.stream().filter(c -> c.type() == type).toList();
  }

  boolean loose() {
    return all().anyMatch(Column::loose);
  }

  /** For expressions that tell equal values apart. */
  Scope exact() {
    return keep(c -> !c.loose());
  }

  /** Without subqueries. */
  Scope flat() {
    return new Scope(columns, outer, named, 0);
  }

  /** Only this query's own columns. */
  Scope local() {
    return new Scope(columns, List.of(), named, depth);
  }

  Scope keep(Predicate<Column> which) {
    return new Scope(
        columns.stream().filter(which).toList(),
        outer.stream().filter(which).toList(),
        named,
        depth);
  }

  Scope with(List<Column> own) {
    return new Scope(own, outer, named, depth);
  }

  Scope plus(List<Column> more) {
    return with(Stream.concat(columns.stream(), more.stream()).toList());
  }

  Scope plus(Relation relation) {
    var more = new ArrayList<>(named);
    more.add(relation);
    return new Scope(columns, outer, more, depth);
  }

  /** Of a subquery that stands here. */
  Scope inner() {
    return new Scope(List.of(), all().filter(Column::plain).toList(), named, depth - 1);
  }

  /** Of a subquery in FROM, which sees only what is outside of its query. */
  Scope derived() {
    return new Scope(List.of(), outer, named, depth - 1);
  }
}
