package dev.freshet.sql.parse;

import dev.freshet.sql.parse.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A definition with every scalar expression replaced by {@code s_0, s_1, …} and every name by
 * {@code n_0, n_1, …}: what is left is keywords, commas and parentheses.
 *
 * <p>It walks the clauses as ruleutils.c prints them. Where an expression ends is decided by
 * parentheses and capitals alone: a clause keyword is printed in capitals, and a name that could be
 * mistaken for one is quoted.
 */
final class Skeleton {
  private static final Set<String> CLAUSES =
      Set.of(
          "FROM",
          "WHERE",
          "GROUP",
          "HAVING",
          "WINDOW",
          "UNION",
          "INTERSECT",
          "EXCEPT",
          "ORDER",
          "LIMIT",
          "OFFSET",
          "FETCH",
          "FOR");
  private static final Set<String> JOINS =
      Set.of("JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL", "ON", "USING");

  private final String definition;
  private final List<Token> tokens;
  private final StringBuilder text = new StringBuilder();
  private final List<Syntax.Expression> expressions = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private int at;

  private Skeleton(String definition) {
    this.definition = definition;
    this.tokens = Lexer.tokens(definition);
  }

  /**
   * @throws UnsupportedQueryException if it meets a clause that is not compiled
   */
  static Skeleton of(String definition) {
    var skeleton = new Skeleton(definition);
    skeleton.query();
    if (skeleton.at < skeleton.tokens.size()) {
      Token rest = skeleton.tokens.get(skeleton.at);
      throw new UnsupportedQueryException(
          rest.is(";") ? "more than one statement" : "unexpected " + rest.text());
    }
    return skeleton;
  }

  String text() {
    return text.toString();
  }

  /** The expression that the placeholder stands for. */
  Syntax.Expression expression(String placeholder) {
    return expressions.get(index(placeholder, "s_"));
  }

  /** The name that the placeholder stands for. */
  String name(String placeholder) {
    return names.get(index(placeholder, "n_"));
  }

  private static int index(String placeholder, String prefix) {
    if (!placeholder.matches(prefix + "\\d+")) {
      throw new UnsupportedQueryException("the parser misread the query at " + placeholder);
    }
    return Integer.parseInt(placeholder.substring(prefix.length()));
  }

  private Token peek() {
    return at < tokens.size() ? tokens.get(at) : new Token(Kind.OTHER, "", definition.length());
  }

  private boolean next(String expected) {
    return peek().is(expected);
  }

  private void emit() {
    text.append(peek().text()).append(' ');
    at++;
  }

  private void expect(String expected) {
    if (!next(expected)) {
      throw new UnsupportedQueryException(
          "expected " + expected + " instead of " + describe(peek()));
    }
    emit();
  }

  private static String describe(Token token) {
    return token.text().isEmpty() ? "the end" : token.text();
  }

  private void name() {
    if (!peek().isName()) {
      throw new UnsupportedQueryException(describe(peek()) + " where a name was expected");
    }
    text.append("n_").append(names.size()).append(' ');
    names.add(peek().name());
    at++;
  }

  private void namesInParentheses() {
    expect("(");
    name();
    while (next(",")) {
      emit();
      name();
    }
    expect(")");
  }

  /** Masks what reads as one expression from here to a comma, a clause or a closing parenthesis. */
  private void expression(Set<String> alsoEndsAt) {
    int from = at;
    int depth = 0;
    while (at < tokens.size()) {
      Token token = peek();
      if (depth == 0 && (token.is(",") || token.is(")") || token.is(";"))) {
        break;
      }
      boolean withinGroup = at > from && tokens.get(at - 1).is("WITHIN");
      boolean clause = CLAUSES.contains(token.text()) || alsoEndsAt.contains(token.text());
      if (depth == 0 && token.isKeyword() && clause && !withinGroup) {
        break;
      }
      depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
      at++;
    }
    if (from == at) {
      throw new UnsupportedQueryException(
          "an empty list, such as SELECT without columns, before " + describe(peek()));
    }
    List<Token> range = tokens.subList(from, at);
    String raw = definition.substring(range.getFirst().start(), range.getLast().end());
    text.append("s_").append(expressions.size()).append(' ');
    expressions.add(new Syntax.Expression(raw, range));
  }

  private void expressions(Set<String> alsoEndsAt) {
    expression(alsoEndsAt);
    while (next(",")) {
      emit();
      expression(alsoEndsAt);
    }
  }

  private void query() {
    if (next("WITH")) {
      with();
    }
    term();
    while (next("UNION") || next("INTERSECT") || next("EXCEPT")) {
      emit();
      if (next("ALL")) {
        emit();
      }
      term();
    }
    while (peek().isKeyword() && !next("UNION")) {
      switch (peek().text()) {
        case "ORDER" -> {
          emit();
          expect("BY");
          expressions(Set.of());
        }
        case "LIMIT", "OFFSET", "FETCH" ->
            throw new UnsupportedQueryException(
                "ORDER BY … LIMIT: which rows are the first depends on all of them");
        case "FOR" -> throw new UnsupportedQueryException("FOR UPDATE or FOR SHARE");
        case "WINDOW" ->
            throw new UnsupportedQueryException(
                "window functions (WINDOW clause): a row's value depends on others");
        default -> throw new UnsupportedQueryException("clause " + peek().text());
      }
    }
  }

  private void with() {
    emit();
    if (next("RECURSIVE")) {
      throw new UnsupportedQueryException("WITH RECURSIVE");
    }
    while (true) {
      name();
      if (next("(")) {
        namesInParentheses();
      }
      expect("AS");
      if (next("NOT")) {
        at++;
      }
      if (next("MATERIALIZED")) {
        at++; // a hint to the planner: the rows are the same
      }
      expect("(");
      query();
      expect(")");
      if (!next(",")) {
        return;
      }
      emit();
    }
  }

  private void term() {
    if (next("(")) {
      emit();
      query();
      expect(")");
      return;
    }
    if (next("VALUES")) {
      throw new UnsupportedQueryException("VALUES as a relation");
    }
    expect("SELECT");
    if (next("DISTINCT")) {
      throw new UnsupportedQueryException(
          "SELECT DISTINCT: GROUP BY the same columns is maintained incrementally");
    }
    item();
    while (next(",")) {
      emit();
      item();
    }
    if (next("FROM")) {
      emit();
      fromItems();
    }
    if (next("WHERE")) {
      emit();
      expression(Set.of());
    }
    if (next("GROUP")) {
      emit();
      expect("BY");
      if (next("DISTINCT")) {
        throw new UnsupportedQueryException("GROUP BY DISTINCT");
      }
      expressions(Set.of());
    }
    if (next("HAVING")) {
      emit();
      expression(Set.of());
    }
    if (next("WINDOW")) {
      throw new UnsupportedQueryException(
          "window functions (WINDOW clause): a row's value depends on others");
    }
  }

  private void item() {
    expression(Set.of("AS"));
    if (next("AS")) {
      emit();
      name();
    }
  }

  private void fromItems() {
    fromItem();
    while (true) {
      if (next(",")) {
        emit();
        fromItem();
      } else if (peek().isKeyword() && JOINS.contains(peek().text())) {
        join();
      } else {
        return;
      }
    }
  }

  private void join() {
    if (next("LEFT") || next("RIGHT") || next("FULL")) {
      throw new UnsupportedQueryException(
          peek().text() + " JOIN: only inner joins are maintained incrementally");
    }
    if (next("ON")) {
      emit();
      expression(JOINS);
    } else if (next("USING")) {
      emit();
      namesInParentheses();
      if (next("AS")) {
        throw new UnsupportedQueryException("JOIN … USING (…) AS alias");
      }
    } else {
      while (!next("JOIN")) {
        emit();
      }
      emit();
      fromItem();
    }
  }

  private void fromItem() {
    if (next("(")) {
      boolean query = startsQuery();
      emit();
      if (query) {
        query();
      } else {
        fromItems();
      }
      expect(")");
      alias();
      return;
    }
    if (!peek().isName()) {
      throw new UnsupportedQueryException(
          switch (peek().text()) {
            case "LATERAL" -> "LATERAL";
            case "ONLY" -> "FROM ONLY";
            case "ROWS" -> "ROWS FROM (…)";
            default -> describe(peek()) + " in FROM";
          });
    }
    int first = at;
    name();
    while (next(".")) {
      emit();
      name();
    }
    if (next("(")) {
      throw new UnsupportedQueryException("function " + tokens.get(first).text() + "(…) in FROM");
    }
    alias();
    if (next("TABLESAMPLE")) {
      throw new UnsupportedQueryException("TABLESAMPLE");
    }
  }

  private void alias() {
    if (next("AS")) {
      at++;
    }
    if (peek().isName()) {
      name();
      if (next("(")) {
        namesInParentheses();
      }
    }
  }

  /** At an opening parenthesis in FROM: a query follows, not a join. */
  private boolean startsQuery() {
    int inner = at + 1;
    Token token = inner < tokens.size() ? tokens.get(inner) : peek();
    if (!token.is("(")) {
      return token.is("SELECT") || token.is("WITH") || token.is("VALUES");
    }
    int depth = 0;
    for (int i = inner; i < tokens.size(); i++) {
      depth += tokens.get(i).is("(") ? 1 : tokens.get(i).is(")") ? -1 : 0;
      if (depth == 0) {
        Token after = i + 1 < tokens.size() ? tokens.get(i + 1) : token;
        return after.is("UNION")
            || after.is("INTERSECT")
            || after.is("EXCEPT")
            || (after.is(")") && tokens.get(inner + 1).is("SELECT"));
      }
    }
    return false;
  }
}
