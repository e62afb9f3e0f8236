package dev.freshet.sql.parse;

import static dev.freshet.sql.TableName.quote;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The syntax of a query, as far as it is compiled; anything else never gets this far. {@code
 * toString} prints SQL that PostgreSQL must read as the same query.
 */
sealed interface Syntax {

  /** A scalar expression: its tokens. */
  record Expression(String text, List<Token> tokens) {
    public Expression {
      tokens = List.copyOf(tokens);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * An entry of the SELECT list.
   *
   * @param name as written after AS; a bare column has none
   */
  record Item(Expression value, Optional<String> name) {
    @Override
    public String toString() {
      return value + name.map(n -> " AS " + quote(n)).orElse("");
    }
  }

  /** A common table expression. */
  record With(String name, List<String> columns, Syntax query) {
    @Override
    public String toString() {
      return quote(name) + names(columns) + " AS (" + query + ")";
    }
  }

  /** A query with common table expressions before it. */
  record WithQuery(List<With> expressions, Syntax query) implements Syntax {
    @Override
    public String toString() {
      return "WITH " + list(expressions, ", ") + " " + query;
    }
  }

  record Select(
      List<Item> items,
      List<FromItem> from,
      Optional<Expression> where,
      List<Expression> groupBy,
      Optional<Expression> having,
      List<Expression> orderBy)
      implements Syntax {
    @Override
    public String toString() {
      return "SELECT "
          + list(items, ", ")
          + (from.isEmpty() ? "" : " FROM " + list(from, ", "))
          + where.map(w -> " WHERE " + w).orElse("")
          + (groupBy.isEmpty() ? "" : " GROUP BY " + list(groupBy, ", "))
          + having.map(h -> " HAVING " + h).orElse("")
          + (orderBy.isEmpty() ? "" : " ORDER BY " + list(orderBy, ", "));
    }
  }

  record UnionAll(List<Syntax> branches, List<Expression> orderBy) implements Syntax {
    @Override
    public String toString() {
      return branches.stream().map(b -> "(" + b + ")").collect(Collectors.joining(" UNION ALL "))
          + (orderBy.isEmpty() ? "" : " ORDER BY " + list(orderBy, ", "));
    }
  }

  sealed interface FromItem {}

  /** A relation, or a common table expression if {@code schema} is empty. */
  record Table(Optional<String> schema, String name, Optional<String> alias, List<String> columns)
      implements FromItem {
    @Override
    public String toString() {
      return schema.map(s -> quote(s) + ".").orElse("")
          + quote(name)
          + alias.map(a -> " AS " + quote(a)).orElse("")
          + names(columns);
    }
  }

  record SubSelect(Syntax query, String alias, List<String> columns) implements FromItem {
    @Override
    public String toString() {
      return "(" + query + ") AS " + quote(alias) + names(columns);
    }
  }

  record Join(FromItem left, FromItem right, Restriction restriction) implements FromItem {
    @Override
    public String toString() {
      return "("
          + left
          + switch (restriction) {
            case Cross _ -> " CROSS JOIN " + right;
            case Natural _ -> " NATURAL JOIN " + right;
            case On(Expression condition) -> " JOIN " + right + " ON " + condition;
            case Using(List<String> columns) -> " JOIN " + right + " USING " + names(columns);
          }
          + ")";
    }
  }

  /** What restricts a join. */
  sealed interface Restriction {}

  record Cross() implements Restriction {}

  record Natural() implements Restriction {}

  record On(Expression condition) implements Restriction {}

  record Using(List<String> columns) implements Restriction {}

  private static String list(List<?> items, String glue) {
    return items.stream().map(Object::toString).collect(Collectors.joining(glue));
  }

  private static String names(List<String> columns) {
    return columns.isEmpty()
        ? ""
        : columns.stream().map(c -> quote(c)).collect(Collectors.joining(", ", " (", ")"));
  }
}
