package dev.freshet.sql.parse;

import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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

  private final Scope scope;
  private final List<GroupTokens> groups;
  private final Function<AggregateCall, ColumnRef> aggregates;

  /** A reader for places where PostgreSQL allows no aggregate. */
  ScalarReader(Scope scope) {
    this(
        scope,
        List.of(),
        call -> {
          throw new UnsupportedQueryException("aggregate " + call + " in an unexpected place");
        });
  }

  /**
   * @param aggregates names the column that holds a call's result
   */
  ScalarReader(
      Scope scope, List<GroupTokens> groups, Function<AggregateCall, ColumnRef> aggregates) {
    this.scope = scope;
    this.groups = List.copyOf(groups);
    this.aggregates = aggregates;
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
      return index < tokens.size() && tokens.get(index).is(text);
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
      Optional<GroupTokens> group = groups.stream().filter(this::stands).findFirst();
      if (group.isPresent()) {
        put(group.get().column(), at + group.get().tokens().size());
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
        case "SELECT", "VALUES", "WITH" ->
            throw new UnsupportedQueryException("sub-select in an expression");
        case "OVER" ->
            throw new UnsupportedQueryException("window function: a row's value depends on others");
        case "GROUPING" -> throw new UnsupportedQueryException("GROUPING SETS, ROLLUP or CUBE");
        case "ROLLUP", "CUBE" -> throw new UnsupportedQueryException(token.text());
        case "COLLATE" -> copy(is(at + 2, ".") ? at + 4 : at + 2);
        case "OPERATOR" -> copy(closing(at + 1) + 1);
        case "AS", "RETURNING" -> copy(endOfType(at + 1));
        case "EXTRACT" -> copy(at + 3);
        case "NAME" -> copy(at + 2);
        default -> {
          if (is(at + 1, "(") && Aggregates.contains(token)) {
            aggregate();
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
        if (Aggregates.contains(token)) {
          aggregate();
        } else {
          copy(at + 1);
        }
      } else if (is(at + 1, ".")) {
        qualified(token);
      } else {
        Optional<ColumnRef> column = scope.bare(token.name());
        if (column.isEmpty()) {
          boolean system = SYSTEM_COLUMNS.contains(token.text());
          throw new UnsupportedQueryException(
              (system ? "system column " : "a name that is no column: ") + token.text());
        }
        put(column.get(), at + 1);
      }
    }

    private void qualified(Token relation) {
      if (isName(at + 2) && is(at + 3, "(")) {
        copy(at + 3); // a function outside pg_catalog
        return;
      }
      if (is(at + 2, "*")) {
        throw new UnsupportedQueryException("whole row " + relation.text() + ".*");
      }
      if (!scope.hasRelation(relation.name()) || !isName(at + 2)) {
        throw new UnsupportedQueryException(
            "a name that is no column: " + relation.text() + "." + tokens.get(at + 2).text());
      }
      String column = tokens.get(at + 2).name();
      Optional<ColumnRef> ref = scope.qualified(relation.name(), column);
      put(
          ref.orElseThrow(
              () ->
                  new UnsupportedQueryException("system column " + relation.text() + "." + column)),
          at + 3);
    }

    private void aggregate() {
      int open = at + 1;
      int close = closing(open);
      int end = close + 1;
      List<Token> inside = tokens.subList(open + 1, close);
      Optional<Scalar> filter = Optional.empty();
      boolean within = is(end, "WITHIN");
      if (within) {
        end = closing(end + 2) + 1;
      }
      if (is(end, "FILTER")) {
        int closeFilter = closing(end + 1);
        filter = Optional.of(nested(tokens.subList(end + 3, closeFilter)));
        end = closeFilter + 1;
      }
      if (is(end, "OVER")) {
        throw new UnsupportedQueryException("window function: a row's value depends on others");
      }
      boolean star = inside.size() == 1 && inside.getFirst().is("*");
      boolean plain = !within && (star || isSingleArgument(inside));
      Optional<Scalar> argument = plain && !star ? Optional.of(nested(inside)) : Optional.empty();
      String function = tokens.get(at).name();
      AggregateCall call =
          plain
              ? AggregateCall.of(function, argument, filter)
              : AggregateCall.opaque(
                  function,
                  Scalar.of(tokens.get(at).text(), nestedCall(tokens.subList(open, end))));
      put(aggregates.apply(call), end);
    }

    private Scalar nested(List<Token> range) {
      return new ScalarReader(scope).read(range);
    }

    private Scalar nestedCall(List<Token> range) {
      return nested(range);
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
