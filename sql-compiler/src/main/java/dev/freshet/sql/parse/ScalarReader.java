package dev.freshet.sql.parse;

import dev.freshet.sql.Postgres.FunctionKind;
import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the columns and aggregate calls in a scalar expression; everything between stays text.
 *
 * <p>A name is a column unless its place says otherwise: after {@code ::} stands a type, before
 * {@code (} a function, after COLLATE a collation. What is none of these and no column either is
 * refused.
 */
final class ScalarReader {
  private static final Set<String> TYPES_OF_MANY_WORDS =
      Set.of("character", "bit", "double", "timestamp", "time", "interval");
  private static final Set<String> FURTHER_TYPE_WORDS =
      Set.of(
          "varying",
          "precision",
          "with",
          "without",
          "time",
          "zone",
          "year",
          "month",
          "day",
          "hour",
          "minute",
          "second",
          "to");

  private static final Set<String> SYSTEM_COLUMNS =
      Set.of("ctid", "tableoid", "xmin", "cmin", "xmax", "cmax");

  /** A grouped expression: where its tokens appear, the group column is meant. */
  record GroupTokens(List<Token> tokens, ColumnRef column) {}

  private final Place place;

  ScalarReader(Place place) {
    this.place = place;
  }

  Scalar read(Syntax.Expression expression) {
    return read(expression.tokens());
  }

  Scalar read(List<Token> tokens) {
    return tokens.isEmpty() ? Scalar.of("") : new Reading(tokens).all();
  }

  /** One pass over the tokens of an expression. */
  private final class Reading {
    private final List<Token> tokens;
    private final List<Object> parts = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private int at;
    private int copiedTo;

    Reading(List<Token> tokens) {
      this.tokens = tokens;
      this.copiedTo = tokens.getFirst().start();
    }

    Scalar all() {
      while (at < tokens.size()) {
        step();
      }
      flush();
      return Scalar.of(parts.toArray());
    }

    private boolean is(int index, String text) {
      return index >= 0 && index < tokens.size() && tokens.get(index).is(text);
    }

    private boolean isName(int index) {
      return index < tokens.size() && tokens.get(index).isName();
    }

    /** Carries the tokens up to {@code end} as text. */
    private void copy(int end) {
      for (; at < end; at++) {
        Token token = tokens.get(at);
        if (token.start() > copiedTo) {
          text.append(' ');
        }
        text.append(token.text());
        copiedTo = token.end();
      }
    }

    private void put(Object part, int end) {
      if (tokens.get(at).start() > copiedTo) {
        text.append(' ');
      }
      flush();
      parts.add(part);
      at = end;
      copiedTo = tokens.get(end - 1).end();
    }

    private void flush() {
      if (!text.isEmpty()) {
        parts.add(text.toString());
        text.setLength(0);
      }
    }

    private void step() {
      Token token = tokens.get(at);
      Optional<GroupTokens> group = place.groups().stream().filter(this::stands).findFirst();
      if (group.isPresent()) {
        put(group.get().column(), at + group.get().tokens().size());
      } else if (token.query().isPresent()) {
        put(place.query(Scalar.of(""), token.query().get()), at + 1);
      } else if (token.is("(") && isSubLink(at)) {
        subLink(closing(at));
      } else if (token.is("::")) {
        copy(endOfType(at + 1));
      } else if (token.isKeyword()) {
        keyword(token);
      } else if (token.isName() && !token.is("true") && !token.is("false")) {
        name(token);
      } else if (token.kind() == Token.Kind.OTHER) {
        throw new UnsupportedQueryException("character " + token.text() + " in an expression");
      } else {
        copy(at + 1);
      }
    }

    private boolean stands(GroupTokens group) {
      int size = group.tokens().size();
      if (at + size > tokens.size()) {
        return false;
      }
      for (int i = 0; i < size; i++) {
        if (!tokens.get(at + i).text().equals(group.tokens().get(i).text())) {
          return false;
        }
      }
      boolean startsInside = at > 0 && (is(at - 1, ".") || is(at - 1, "::"));
      int after = at + size;
      boolean goesOn =
          is(after, "(")
              || is(after, "[")
              || is(after, ".")
              || (after < tokens.size()
                  && tokens.get(after).kind() == Token.Kind.WORD
                  && !tokens.get(after).isKeyword());
      return !startsInside && !goesOn;
    }

    private void keyword(Token token) {
      switch (token.text()) {
        case "SELECT", "OVER" ->
            throw new UnsupportedQueryException(token.text() + " in an unexpected place");
        case "GROUPING" -> {
          int close = closing(at + 1);
          put(place.grouping(Conjuncts.list(tokens.subList(at + 2, close))), close + 1);
        }
        case "ARRAY" -> {
          Optional<Syntax> query =
              at + 1 < tokens.size() ? tokens.get(at + 1).query() : Optional.empty();
          if (query.isPresent()) {
            put(place.query(Scalar.of("ARRAY"), query.get()), at + 2);
          } else {
            copy(at + 1);
          }
        }
        case "COLLATE" -> copy(is(at + 2, ".") ? at + 4 : at + 2);
        case "OPERATOR" -> copy(closing(at + 1) + 1);
        case "AS", "RETURNING" -> copy(endOfType(at + 1));
        case "EXTRACT" -> copy(at + 3);
        case "NAME" -> copy(at + 2);
        default -> {
          if (is(at + 1, "(") && Aggregates.contains(token)) {
            call(at + 1, true);
          } else {
            copy(at + 1);
          }
        }
      }
    }

    private void name(Token token) {
      if (at > 0 && is(at - 1, ".")) {
        copy(at + 1); // a field of a composite value: (t.address).street
      } else if (is(at + 1, "=>")) {
        copy(at + 2);
      } else if (is(at + 1, "(")) {
        call(at + 1, Aggregates.contains(token) || is("pg_catalog", token, FunctionKind.AGGREGATE));
      } else if (is(at + 1, ".")) {
        qualified(token);
      } else {
        Optional<Scalar> column = place.scope().bare(token.name());
        if (column.isEmpty()) {
          boolean system = SYSTEM_COLUMNS.contains(token.text());
          throw new UnsupportedQueryException(
              (system ? "system column " : "a name that is no column: ") + token.text());
        }
        put(column.get(), at + 1);
      }
    }

    private void qualified(Token relation) {
      if (isName(at + 2) && is(at + 3, "(")) { // a function outside pg_catalog
        call(at + 3, is(relation.name(), tokens.get(at + 2), FunctionKind.AGGREGATE));
        return;
      }
      if (is(at + 2, "*") && place.scope().hasRelation(relation.name())) {
        Optional<Scalar> row = place.scope().row(relation.name());
        put(
            row.orElseThrow(
                () -> new UnsupportedQueryException("whole row " + relation.text() + ".*")),
            at + 3);
        return;
      }
      if (!place.scope().hasRelation(relation.name()) || !isName(at + 2)) {
        String name = at + 2 < tokens.size() ? tokens.get(at + 2).text() : "";
        throw new UnsupportedQueryException(
            "a name that is no column: " + relation.text() + "." + name);
      }
      String column = tokens.get(at + 2).name();
      Optional<Scalar> value = place.scope().qualified(relation.name(), column);
      put(
          value.orElseThrow(
              () ->
                  new UnsupportedQueryException("system column " + relation.text() + "." + column)),
          at + 3);
    }

    private boolean is(String schema, Token function, FunctionKind kind) {
      return place.functions().kind(schema, function.name()) == kind;
    }

    /** {@code (left IN (SELECT …))} and the like, as get_sublink_expr prints them. */
    private boolean isSubLink(int open) {
      int close = closing(open);
      if (close - 2 <= open || tokens.get(close - 1).query().isEmpty()) {
        return false;
      }
      Token before = tokens.get(close - 2);
      return before.is("IN")
          || before.is("ANY")
          || before.is("ALL")
          || before.is("EXISTS")
          || (before.kind() == Token.Kind.OPERATOR && isRow(open + 1, close - 2));
    }

    /** {@code (a, b)}: the left side of a comparison of rows. */
    private boolean isRow(int from, int to) {
      return is(from, "(")
          && closing(from) == to - 1
          && Conjuncts.list(tokens.subList(from + 1, to - 1)).size() > 1;
    }

    private void subLink(int close) {
      Syntax query = tokens.get(close - 1).query().orElseThrow();
      Scalar before = Scalar.of(nested(tokens.subList(at + 1, close - 1)), " ");
      put(place.query(before, query), close + 1);
    }

    /** A function's call, whose arguments begin at {@code open}. */
    private void call(int open, boolean aggregate) {
      int end = closing(open) + 1;
      int afterArguments = end;
      if (is(end, "WITHIN")) {
        end = closing(end + 2) + 1;
      }
      if (is(end, "FILTER")) {
        end = closing(end + 1) + 1;
      }
      if (is(end, "IGNORE") || is(end, "RESPECT")) {
        end += 2;
      }
      if (is(end, "OVER")) {
        window(open, end);
      } else if (aggregate) {
        aggregate(open, afterArguments, end);
      } else {
        requireOneValue(open);
        copy(open);
      }
    }

    private void requireOneValue(int open) {
      Token function = tokens.get(open - 1);
      String schema = is(open - 2, ".") ? tokens.get(open - 3).name() : "pg_catalog";
      if (!place.allowsSets() && is(schema, function, FunctionKind.SET)) {
        throw new UnsupportedQueryException(
            "set-returning function "
                + function.text()
                + "(…) in an expression: call it in FROM, or as the only one in the SELECT list");
      }
    }

    private String functionText(int open) {
      return tokens.subList(at, open).stream()
          .map(Token::text)
          .collect(java.util.stream.Collectors.joining());
    }

    /** {@code OVER w} and {@code OVER (…)}, with the windows that they name spelt out. */
    private void window(int open, int over) {
      List<List<Token>> definition = new ArrayList<>();
      int end;
      if (is(over + 1, "(")) {
        int close = closing(over + 1);
        definition.addAll(spelled(tokens.subList(over + 2, close)));
        end = close + 1;
      } else {
        definition.addAll(spelled(place.window(tokens.get(over + 1).name())));
        end = over + 2;
      }
      List<Scalar> parts = definition.stream().map(this::nested).toList();
      List<Scalar> partition =
          definition.stream().flatMap(part -> partition(part).stream()).map(this::nested).toList();
      Scalar sql =
          Scalar.of(
              functionText(open),
              nested(tokens.subList(open, over)),
              " OVER (",
              Scalar.join(" ", parts, ""),
              ")");
      put(place.window(tokens.get(open - 1).name(), partition, sql), end);
    }

    /** A window's definition, in parts, the first of which may come from another window. */
    private List<List<Token>> spelled(List<Token> definition) {
      if (definition.isEmpty() || !definition.getFirst().isName()) {
        return definition.isEmpty() ? List.of() : List.of(definition);
      }
      List<List<Token>> parts =
          new ArrayList<>(spelled(place.window(definition.getFirst().name())));
      if (definition.size() > 1) {
        parts.add(definition.subList(1, definition.size()));
      }
      return parts;
    }

    private static List<List<Token>> partition(List<Token> definition) {
      if (!definition.getFirst().is("PARTITION")) {
        return List.of();
      }
      int depth = 0;
      int end = 2;
      while (end < definition.size()) {
        Token token = definition.get(end);
        boolean next =
            token.is("ORDER") || token.is("ROWS") || token.is("RANGE") || token.is("GROUPS");
        if (depth == 0 && next) {
          break;
        }
        depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
        end++;
      }
      return Conjuncts.list(definition.subList(2, end));
    }

    private void aggregate(int open, int afterArguments, int end) {
      var reader = new ScalarReader(place.arguments());
      List<Token> inside = tokens.subList(open + 1, afterArguments - 1);
      boolean star = inside.size() == 1 && inside.getFirst().is("*");
      boolean builtIn = open == at + 1 && Aggregates.contains(tokens.get(at));
      boolean plain =
          builtIn && !is(afterArguments, "WITHIN") && (star || isSingleArgument(inside));
      String function = tokens.get(open - 1).name();
      AggregateCall call;
      if (plain) {
        Optional<Scalar> argument = star ? Optional.empty() : Optional.of(reader.read(inside));
        Optional<Scalar> filter =
            is(afterArguments, "FILTER")
                ? Optional.of(reader.read(tokens.subList(afterArguments + 3, end - 1)))
                : Optional.empty();
        call = AggregateCall.of(function, argument, filter);
      } else {
        Scalar arguments = reader.read(tokens.subList(open, end));
        call = AggregateCall.opaque(function, Scalar.of(functionText(open), arguments));
      }
      var columns = call.sql().columns();
      if (!columns.isEmpty() && columns.stream().allMatch(place.arguments().scope()::isOuter)) {
        throw new UnsupportedQueryException(
            "aggregate " + call + " in a sub-query, but of the query around it");
      }
      put(place.aggregate(call), end);
    }

    private Scalar nested(List<Token> range) {
      return new ScalarReader(place).read(range);
    }

    private static boolean isSingleArgument(List<Token> inside) {
      int depth = 0;
      for (Token token : inside) {
        depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
        boolean further =
            token.is(",") || token.is("DISTINCT") || token.is("ORDER") || token.is("VARIADIC");
        if (depth == 0 && further) {
          return false;
        }
      }
      return !inside.isEmpty() && !inside.getFirst().is("DISTINCT");
    }

    private int closing(int open) {
      int depth = 0;
      for (int i = open; i < tokens.size(); i++) {
        depth += is(i, "(") ? 1 : is(i, ")") ? -1 : 0;
        if (depth == 0) {
          return i;
        }
      }
      throw new UnsupportedQueryException("parentheses do not match");
    }

    /** The position after the type name that begins at {@code start}. */
    private int endOfType(int start) {
      int end = start + 1;
      while (is(end, ".") && isName(end + 1)) {
        end += 2;
      }
      boolean manyWords =
          start < tokens.size() && TYPES_OF_MANY_WORDS.contains(tokens.get(start).text());
      while (end < tokens.size()) {
        if (is(end, "(")) {
          end = closing(end) + 1;
        } else if (manyWords && FURTHER_TYPE_WORDS.contains(tokens.get(end).text())) {
          end++;
        } else {
          break;
        }
      }
      while (is(end, "[")) {
        end += is(end + 1, "]") ? 2 : 3;
      }
      return Math.min(end, tokens.size());
    }
  }
}
