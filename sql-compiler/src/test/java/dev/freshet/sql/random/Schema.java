package dev.freshet.sql.random;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Types, tables and views of a case.
 *
 * @param preamble statements that make types, functions and aggregates
 */
public record Schema(List<String> preamble, List<Table> tables, List<View> views) {

  /** A view that queries may read. */
  record View(Relation relation, Sql query) {
    String definition() {
      return "CREATE VIEW " + relation.name() + " AS " + query;
    }
  }

  public Schema {
    preamble = List.copyOf(preamble);
    tables = List.copyOf(tables);
    views = List.copyOf(views);
  }

  List<Relation> relations() {
    return Stream.concat(tables.stream().map(Table::relation), views.stream().map(View::relation))
        .toList();
  }

  /** Types that its columns have. */
  List<Type> types() {
    return tables.stream()
        .flatMap(t -> t.fields().stream())
        .map(Table.Field::type)
        .distinct()
        .toList();
  }

  /** The statements that make it. */
  public List<String> statements() {
    List<String> statements = new ArrayList<>(preamble);
    tables.forEach(table -> statements.addAll(table.definition()));
    views.forEach(view -> statements.add(view.definition()));
    return statements;
  }
}
