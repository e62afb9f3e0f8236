package dev.freshet.sql.delta;

import dev.freshet.sql.parse.Lexer;
import dev.freshet.sql.parse.Token;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A condition {@code left = right}, taken apart. */
public record Equality(Scalar left, Scalar right) {

  /** The sides, if the condition is PostgreSQL's own {@code =} and nothing else. */
  public static Optional<Equality> of(Scalar condition) {
    Map<String, ColumnRef> holes = new HashMap<>();
    Map<ColumnRef, String> names = new HashMap<>();
    String sql =
        condition.sql(
            ref ->
                names.computeIfAbsent(
                    ref,
                    _ -> {
                      String hole = "\"hole " + holes.size() + "\"";
                      holes.put(hole, ref);
                      return hole;
                    }));
    List<Token> tokens = withoutParentheses(Lexer.tokens(sql));
    int depth = 0;
    int equals = -1;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
      if (depth > 0 || token.is(")") || token.is("]")) {
        continue;
      }
      if (token.isKeyword() || (token.kind() == Token.Kind.OPERATOR && !isHarmless(token))) {
        if (!token.is("=") || equals >= 0) {
          return Optional.empty();
        }
        equals = i;
      }
    }
    return equals <= 0 || equals == tokens.size() - 1
        ? Optional.empty()
        : Optional.of(
            new Equality(
                scalar(sql, tokens.subList(0, equals), holes),
                scalar(sql, tokens.subList(equals + 1, tokens.size()), holes)));
  }

  /** The side that faces this one. */
  public Optional<Scalar> other(Scalar side) {
    return left.equals(side)
        ? Optional.of(right)
        : right.equals(side) ? Optional.of(left) : Optional.empty();
  }

  private static boolean isHarmless(Token token) {
    return token.is("::");
  }

  static List<Token> withoutParentheses(List<Token> tokens) {
    List<Token> core = tokens;
    while (core.size() > 2 && core.getFirst().is("(") && closesAtEnd(core)) {
      core = core.subList(1, core.size() - 1);
    }
    return core;
  }

  private static boolean closesAtEnd(List<Token> tokens) {
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += tokens.get(i).is("(") ? 1 : tokens.get(i).is(")") ? -1 : 0;
      if (depth == 0) {
        return i == tokens.size() - 1;
      }
    }
    return false;
  }

  static Scalar scalar(String sql, List<Token> tokens, Map<String, ColumnRef> holes) {
    var parts = new ArrayList<Object>();
    int copied = tokens.getFirst().start();
    for (Token token : tokens) {
      ColumnRef ref = holes.get(token.text());
      if (ref != null) {
        if (token.start() > copied) {
          parts.add(sql.substring(copied, token.start()));
        }
        parts.add(ref);
        copied = token.end();
      }
    }
    if (tokens.getLast().end() > copied) {
      parts.add(sql.substring(copied, tokens.getLast().end()));
    }
    return Scalar.of(parts.toArray());
  }
}
