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

  /** A scalar expression: its tokens, a sub-query being one of them. */
  record Expression(List<Token> tokens) {
    public Expression {
      tokens = List.copyOf(tokens);
    }

    @Override
    public String toString() {
      var text = new StringBuilder();
      int end = tokens.getFirst().start();
      for (Token token : tokens) {
        text.append(token.start() > end ? " " : "");
        text.append(token.query().map(query -> "(" + query + ")").orElse(token.text()));
        end = token.end();
      }
      return text.toString();
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

  /**
   * A common table expression.
   *
   * @param recursive whether it is known to read itself
   */
  record With(String name, List<String> columns, Syntax query, boolean recursive) {
    @Override
    public String toString() {
      return quote(name) + names(columns) + " AS (" + query + ")";
    }
  }

  /**
   * A query with common table expressions before it.
   *
   * @param recursive whether each of them may read itself and those after it
   */
  record WithQuery(boolean recursive, List<With> expressions, Syntax query) implements Syntax {
    @Override
    public String toString() {
      return (recursive ? "WITH RECURSIVE " : "WITH ") + list(expressions, ", ") + " " + query;
    }
  }

  /** One SELECT, without what comes after it ({@link Ordered}). */
  record Select(
      Distinct distinct,
      List<Item> items,
      List<FromItem> from,
      Optional<Expression> where,
      GroupBy groupBy,
      Optional<Expression> having,
      List<NamedWindow> windows)
      implements Syntax {
    public Select {
      items = List.copyOf(items);
      from = List.copyOf(from);
      windows = List.copyOf(windows);
    }

    /** Other columns of the same rows, before grouping. */
    Select ofRows(List<Expression> values) {
      var columns = new java.util.ArrayList<Item>();
      for (int i = 0; i < values.size(); i++) {
        columns.add(new Item(values.get(i), Optional.of("c" + i)));
      }
      return new Select(
          Distinct.NO,
          columns,
          from,
          Optional.empty(),
          new GroupBy(false, List.of()),
          Optional.empty(),
          List.of());
    }

    @Override
    public String toString() {
      return "SELECT "
          + distinct
          + list(items, ", ")
          + (from.isEmpty() ? "" : " FROM " + list(from, ", "))
          + where.map(w -> " WHERE " + w).orElse("")
          + groupBy
          + having.map(h -> " HAVING " + h).orElse("")
          + (windows.isEmpty() ? "" : " WINDOW " + list(windows, ", "));
    }
  }

  /** DISTINCT, or DISTINCT ON if there are expressions. */
  record Distinct(boolean present, List<Expression> on) {
    static final Distinct NO = new Distinct(false, List.of());

    public Distinct {
      on = List.copyOf(on);
    }

    @Override
    public String toString() {
      return (present ? "DISTINCT " : "") + (on.isEmpty() ? "" : "ON (" + list(on, ", ") + ") ");
    }
  }

  /** Each element is an expression, or ROLLUP (…), CUBE (…), GROUPING SETS (…), (). */
  record GroupBy(boolean distinct, List<Expression> elements) {
    public GroupBy {
      elements = List.copyOf(elements);
    }

    @Override
    public String toString() {
      return elements.isEmpty()
          ? ""
          : " GROUP BY " + (distinct ? "DISTINCT " : "") + list(elements, ", ");
    }
  }

  /** An entry of the WINDOW clause; {@code definition} is what stands in its parentheses. */
  record NamedWindow(String name, List<Token> definition) {
    public NamedWindow {
      definition = List.copyOf(definition);
    }

    @Override
    public String toString() {
      return quote(name)
          + " AS ("
          + (definition.isEmpty() ? "" : new Expression(definition).toString())
          + ")";
    }
  }

  /** ORDER BY, OFFSET, LIMIT or FETCH FIRST … WITH TIES. */
  record Tail(
      List<Expression> orderBy,
      Optional<Expression> limit,
      Optional<Expression> offset,
      boolean withTies) {
    public Tail {
      orderBy = List.copyOf(orderBy);
    }

    /** LIMIT ALL limits nothing. */
    Optional<Expression> count() {
      return limit.filter(n -> !n.tokens().getFirst().is("ALL"));
    }

    boolean limits() {
      return count().isPresent() || offset.isPresent();
    }

    @Override
    public String toString() {
      return (orderBy.isEmpty() ? "" : " ORDER BY " + list(orderBy, ", "))
          + offset.map(n -> " OFFSET " + n).orElse("")
          + limit
              .map(n -> withTies ? " FETCH FIRST " + n + " ROWS WITH TIES" : " LIMIT " + n)
              .orElse("");
    }
  }

  /** A query and what comes after it. */
  record Ordered(Syntax query, Tail tail) implements Syntax {
    @Override
    public String toString() {
      boolean bare = query instanceof Select || query instanceof SetOperation;
      return (bare || query instanceof Values ? query.toString() : "(" + query + ")") + tail;
    }
  }

  /** One set operation over all branches, from left to right. */
  record SetOperation(Kind kind, boolean all, List<Syntax> branches) implements Syntax {
    /** Which of the three. */
    enum Kind {
      UNION,
      INTERSECT,
      EXCEPT
    }

    public SetOperation {
      branches = List.copyOf(branches);
    }

    @Override
    public String toString() {
      return branches.stream()
          .map(b -> "(" + b + ")")
          .collect(Collectors.joining(" " + kind + (all ? " ALL " : " ")));
    }
  }

  record Values(List<List<Expression>> rows) implements Syntax {
    public Values {
      rows = rows.stream().map(List::copyOf).toList();
    }

    @Override
    public String toString() {
      return "VALUES "
          + rows.stream().map(row -> "(" + list(row, ", ") + ")").collect(Collectors.joining(", "));
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

  record SubSelect(boolean lateral, Syntax query, String alias, List<String> columns)
      implements FromItem {
    @Override
    public String toString() {
      return (lateral ? "LATERAL " : "") + "(" + query + ") AS " + quote(alias) + names(columns);
    }
  }

  /**
   * A function in FROM.
   *
   * @param call all before the alias: ROWS FROM and WITH ORDINALITY, XMLTABLE, JSON_TABLE
   * @param definitions instead of names, a column definition list: {@code a integer, b text}
   */
  record Function(
      boolean lateral, Expression call, String alias, List<String> columns, List<Token> definitions)
      implements FromItem {
    public Function {
      columns = List.copyOf(columns);
      definitions = List.copyOf(definitions);
    }

    @Override
    public String toString() {
      return (lateral ? "LATERAL " : "")
          + call
          + " AS "
          + quote(alias)
          + (definitions.isEmpty() ? names(columns) : "(" + new Expression(definitions) + ")");
    }
  }

  /**
   * A join.
   *
   * @param alias for all of it: the names of the sides are then hidden
   */
  record Join(
      JoinKind kind,
      FromItem left,
      FromItem right,
      Restriction restriction,
      Optional<String> alias,
      List<String> columns)
      implements FromItem {
    public Join {
      columns = List.copyOf(columns);
    }

    @Override
    public String toString() {
      String keyword = kind == JoinKind.INNER ? " JOIN " : " " + kind + " JOIN ";
      return "("
          + left
          + switch (restriction) {
            case Cross _ -> " CROSS JOIN " + right;
            case Natural _ -> " NATURAL" + keyword + right;
            case On(Expression condition) -> keyword + right + " ON " + condition;
            case Using(List<String> common, Optional<String> as) ->
                keyword
                    + right
                    + " USING "
                    + names(common)
                    + as.map(name -> " AS " + quote(name)).orElse("");
          }
          + ")"
          + alias.map(a -> " AS " + quote(a) + names(columns)).orElse("");
    }
  }

  /** Which rows without a partner a join keeps. */
  enum JoinKind {
    INNER,
    LEFT,
    RIGHT,
    FULL
  }

  /** What restricts a join. */
  sealed interface Restriction {}

  record Cross() implements Restriction {}

  record Natural() implements Restriction {}

  record On(Expression condition) implements Restriction {}

  record Using(List<String> columns, Optional<String> alias) implements Restriction {}

  private static String list(List<?> items, String glue) {
    return items.stream().map(Object::toString).collect(Collectors.joining(glue));
  }

  private static String names(List<String> columns) {
    return columns.isEmpty()
        ? ""
        : columns.stream().map(c -> quote(c)).collect(Collectors.joining(", ", " (", ")"));
  }
}
