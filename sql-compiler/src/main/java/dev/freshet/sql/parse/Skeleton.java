package dev.freshet.sql.parse;

import dev.freshet.sql.parse.Token.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A definition with every scalar expression replaced by {@code s_0, s_1, …} and every name by
 * {@code n_0, n_1, …}: what is left is keywords, commas and parentheses.
 *
 * <p>It walks the clauses as ruleutils.c prints them. Where an expression ends is decided by
 * parentheses and capitals alone: a clause keyword is printed in capitals, and a name that could be
 * mistaken for one is quoted. A sub-query in an expression is a skeleton of its own.
 *
 * <p>Clauses for which the parser has no or another grammar are replaced as a whole, by something
 * that stands in the same place: {@code GROUP BY g_0}; {@code ORDER BY t_0} for all that follows a
 * query; {@code SELECT w_0, …} for a WINDOW clause, {@code SELECT v_0} for VALUES; {@code f_0} for
 * a function in FROM.
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

  /** The names in parentheses after an alias. */
  private record Names(List<String> names) {}

  /** A SELECT list without entries. */
  record Nothing() {}

  /** The WINDOW clause of a SELECT. */
  record Windows(List<Syntax.NamedWindow> windows) {}

  private final String definition;
  private final List<Token> tokens;
  private final StringBuilder text = new StringBuilder();
  private final Map<String, Object> masked = new HashMap<>();
  private final Map<String, Integer> counts = new HashMap<>();
  private int at;

  private Skeleton(String definition, List<Token> tokens) {
    this.definition = definition;
    this.tokens = tokens;
  }

  /**
   * @throws UnsupportedQueryException if it meets a clause that is not compiled
   */
  static Skeleton of(String definition) {
    return of(definition, Lexer.tokens(definition));
  }

  private static Skeleton of(String definition, List<Token> tokens) {
    var skeleton = new Skeleton(definition, tokens);
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
    return part(placeholder, Syntax.Expression.class);
  }

  /** The name that the placeholder stands for. */
  String name(String placeholder) {
    return part(placeholder, String.class);
  }

  /** What the placeholder stands for, which must be of this kind. */
  <T> T part(String placeholder, Class<T> kind) {
    return maybe(placeholder, kind)
        .orElseThrow(
            () -> new UnsupportedQueryException("the parser misread the query at " + placeholder));
  }

  /** What the placeholder stands for, if it is of this kind. */
  <T> Optional<T> maybe(String placeholder, Class<T> kind) {
    return Optional.ofNullable(masked.get(placeholder)).filter(kind::isInstance).map(kind::cast);
  }

  private String mask(String prefix, Object part) {
    String placeholder = prefix + (counts.merge(prefix, 1, Integer::sum) - 1);
    masked.put(placeholder, part);
    text.append(placeholder).append(' ');
    return placeholder;
  }

  private Token peek() {
    return token(at);
  }

  private Token token(int index) {
    return index < tokens.size()
        ? tokens.get(index)
        : new Token(Kind.OTHER, "", definition.length());
  }

  private boolean next(String expected) {
    return peek().is(expected);
  }

  /** Passes over the token if it is next. */
  private boolean skip(String expected) {
    boolean found = next(expected);
    at += found ? 1 : 0;
    return found;
  }

  private void emit() {
    text.append(peek().text()).append(' ');
    at++;
  }

  private void expect(String expected) {
    require(expected);
    emit();
  }

  private void require(String expected) {
    if (!next(expected)) {
      throw new UnsupportedQueryException(
          "expected " + expected + " instead of " + describe(peek()));
    }
  }

  private void pass(String expected) {
    require(expected);
    at++;
  }

  private static String describe(Token token) {
    return token.text().isEmpty() ? "the end" : token.text();
  }

  private String readName() {
    if (!peek().isName()) {
      throw new UnsupportedQueryException(describe(peek()) + " where a name was expected");
    }
    String name = peek().name();
    at++;
    return name;
  }

  private String name() {
    return mask("n_", readName());
  }

  /** Names in parentheses, each replaced by a placeholder. */
  private String namesInParentheses() {
    expect("(");
    String first = name();
    while (next(",")) {
      emit();
      name();
    }
    expect(")");
    return first;
  }

  private List<String> readNamesInParentheses() {
    List<String> names = new ArrayList<>();
    pass("(");
    do {
      names.add(readName());
    } while (skip(","));
    pass(")");
    return names;
  }

  /** What reads as one expression from here to a comma, a clause or a closing parenthesis. */
  private Syntax.Expression cut(Set<String> alsoEndsAt) {
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
      throw new UnsupportedQueryException("an empty list before " + describe(peek()));
    }
    return new Syntax.Expression(folded(from, at));
  }

  private List<Syntax.Expression> cutList(Set<String> alsoEndsAt) {
    List<Syntax.Expression> list = new ArrayList<>();
    do {
      list.add(cut(alsoEndsAt));
    } while (skip(","));
    return list;
  }

  private void expression(Set<String> alsoEndsAt) {
    mask("s_", cut(alsoEndsAt));
  }

  /** Tokens, each sub-query among them read and made one token. */
  private List<Token> folded(int from, int to) {
    List<Token> folded = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Token token = tokens.get(i);
      if (token.is("(") && startsSubQuery(i)) {
        int close = closing(i);
        Syntax query = SkeletonReader.read(of(definition, tokens.subList(i + 1, close)));
        String raw = definition.substring(token.start(), tokens.get(close).end());
        folded.add(new Token(Kind.QUERY, raw, token.start(), Optional.of(query)));
        i = close;
      } else {
        folded.add(token);
      }
    }
    return folded;
  }

  private void query() {
    if (next("WITH")) {
      with();
    }
    term();
    String operation = "";
    while (next("UNION") || next("INTERSECT") || next("EXCEPT")) {
      String next = peek().text() + (token(at + 1).is("ALL") ? " ALL" : "");
      if (!operation.isEmpty() && !operation.equals(next)) {
        throw new UnsupportedQueryException(operation + " … " + next + " without parentheses");
      }
      operation = next;
      emit();
      if (next("ALL")) {
        emit();
      }
      term();
    }
    tail();
  }

  private void tail() {
    List<Syntax.Expression> orderBy = new ArrayList<>();
    Optional<Syntax.Expression> limit = Optional.empty();
    Optional<Syntax.Expression> offset = Optional.empty();
    boolean withTies = false;
    int from = at;
    while (peek().isKeyword()) {
      switch (peek().text()) {
        case "ORDER" -> {
          at++;
          pass("BY");
          orderBy.addAll(cutList(Set.of()));
        }
        case "OFFSET" -> {
          at++;
          offset = Optional.of(cut(Set.of("ROWS")));
          skip("ROWS");
        }
        case "LIMIT" -> {
          at++;
          limit = Optional.of(cut(Set.of()));
        }
        case "FETCH" -> {
          at++;
          pass("FIRST");
          limit = Optional.of(cut(Set.of("ROWS")));
          pass("ROWS");
          withTies = skip("WITH");
          pass(withTies ? "TIES" : "ONLY");
        }
        case "FOR" -> throw new UnsupportedQueryException("FOR UPDATE or FOR SHARE");
        default -> throw new UnsupportedQueryException("clause " + peek().text());
      }
    }
    if (at > from) {
      text.append("ORDER BY ");
      mask("t_", new Syntax.Tail(orderBy, limit, offset, withTies));
    }
  }

  private void with() {
    emit();
    if (next("RECURSIVE")) {
      emit();
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
      if (next("SEARCH") || next("CYCLE")) {
        throw new UnsupportedQueryException(
            "WITH RECURSIVE … "
                + peek().text()
                + ": the columns that it adds are not followed through a change");
      }
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
      values();
      return;
    }
    expect("SELECT");
    int beforeList = items();
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
      mask("g_", new Syntax.GroupBy(skip("DISTINCT"), cutList(Set.of())));
    }
    if (next("HAVING")) {
      emit();
      expression(Set.of());
    }
    if (next("WINDOW")) {
      windows(beforeList);
    }
  }

  private void values() {
    at++;
    List<List<Syntax.Expression>> rows = new ArrayList<>();
    do {
      pass("(");
      rows.add(cutList(Set.of()));
      pass(")");
    } while (skip(","));
    text.append("SELECT ");
    mask("v_", new Syntax.Values(rows));
  }

  /** The SELECT list; returns where it begins in the skeleton. */
  private int items() {
    boolean none = at >= tokens.size() || next("FROM") || next("WHERE") || next(")");
    if (none) {
      mask("e_", new Nothing());
      return text.length();
    }
    if (next("DISTINCT")) {
      emit();
      if (next("ON")) {
        emit();
        expect("(");
        expression(Set.of());
        while (next(",")) {
          emit();
          expression(Set.of());
        }
        expect(")");
      }
    }
    int beforeList = text.length();
    item();
    while (next(",")) {
      emit();
      item();
    }
    return beforeList;
  }

  private void item() {
    expression(Set.of("AS"));
    if (next("AS")) {
      emit();
      name();
    }
  }

  /** The WINDOW clause stands before the SELECT list, as {@code w_0}. */
  private void windows(int beforeList) {
    at++;
    List<Syntax.NamedWindow> windows = new ArrayList<>();
    do {
      String name = readName();
      pass("AS");
      require("(");
      int close = closing(at);
      windows.add(new Syntax.NamedWindow(name, folded(at + 1, close)));
      at = close + 1;
    } while (skip(","));
    int end = text.length();
    mask("w_", new Windows(windows));
    String placeholder = text.substring(end);
    text.setLength(end);
    text.insert(beforeList, placeholder + ", ");
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
    if (next("ON")) {
      emit();
      expression(JOINS);
    } else if (next("USING")) {
      emit();
      String first = namesInParentheses();
      if (skip("AS")) {
        masked.put("as " + first, readName());
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
    boolean lateral = skip("LATERAL");
    if (next("(")) {
      boolean query = startsQuery(at);
      emit();
      if (query) {
        query();
      } else {
        fromItems();
      }
      expect(")");
      alias(lateral);
      return;
    }
    if (next("ONLY")) {
      throw new UnsupportedQueryException(
          "FROM ONLY: changes of children come under their own names");
    }
    int call = endOfCall();
    if (call > at) {
      function(lateral, call);
      return;
    }
    if (!peek().isName()) {
      throw new UnsupportedQueryException(describe(peek()) + " in FROM");
    }
    name();
    while (next(".")) {
      emit();
      name();
    }
    alias(false);
    if (next("TABLESAMPLE")) {
      throw new UnsupportedQueryException("TABLESAMPLE");
    }
  }

  /** Behind the function call that begins here; here if there is none. */
  private int endOfCall() {
    int open = at;
    if (peek().is("ROWS") && token(at + 1).is("FROM")) {
      open = at + 2;
    } else {
      while (token(open).isName() && token(open + 1).is(".")) {
        open += 2;
      }
      open++;
    }
    if (peek().isKeyword() && !token(open).is("(")) {
      return open; // CURRENT_DATE and the like
    }
    return token(open).is("(") ? closing(open) + 1 : at;
  }

  private void function(boolean lateral, int end) {
    int from = at;
    at = end;
    if (skip("WITH")) {
      pass("ORDINALITY");
    }
    var call = new Syntax.Expression(folded(from, at));
    skip("AS");
    String alias = readName();
    List<String> names = List.of();
    List<Token> definitions = List.of();
    if (next("(")) {
      if (token(at + 2).is(",") || token(at + 2).is(")")) {
        names = readNamesInParentheses();
      } else {
        int close = closing(at);
        definitions = tokens.subList(at + 1, close);
        at = close + 1;
      }
    }
    mask("f_", new Syntax.Function(lateral, call, alias, names, definitions));
  }

  private void alias(boolean lateral) {
    if (next("AS")) {
      at++;
    }
    if (peek().isName()) {
      String alias = name();
      if (next("(")) {
        masked.put("columns " + alias, new Names(readNamesInParentheses()));
      }
      if (lateral) {
        masked.put("lateral " + alias, true);
      }
    }
  }

  /** The names in parentheses after an alias. */
  List<String> columns(String alias) {
    return maybe("columns " + alias, Names.class).map(Names::names).orElse(List.of());
  }

  boolean lateral(String alias) {
    return masked.containsKey("lateral " + alias);
  }

  /** The alias of USING (first, …) AS alias. */
  Optional<String> usingAlias(String first) {
    return maybe("as " + first, String.class);
  }

  private int closing(int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      depth += tokens.get(i).is("(") ? 1 : tokens.get(i).is(")") ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    throw new UnsupportedQueryException("parentheses do not match");
  }

  /** At an opening parenthesis in FROM: a query follows, not a join. */
  private boolean startsQuery(int open) {
    int inner = open + 1;
    return startsSubQuery(open)
        || (token(inner).is("(")
            && token(inner + 1).is("SELECT")
            && token(closing(inner) + 1).is(")"));
  }

  /** At an opening parenthesis: a query follows, not an expression that begins with one. */
  private boolean startsSubQuery(int open) {
    Token token = token(open + 1);
    if (!token.is("(")) {
      return token.is("SELECT") || token.is("WITH") || token.is("VALUES");
    }
    Token after = token(closing(open + 1) + 1);
    return after.is("UNION") || after.is("INTERSECT") || after.is("EXCEPT");
  }
}
