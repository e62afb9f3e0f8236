package dev.freshet.sql.delta;

import dev.freshet.sql.parse.ScalarTokens;
import dev.freshet.sql.parse.Token;
import dev.freshet.sql.parse.TokenLists;
import dev.freshet.sql.tree.Scalar;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A condition {@code left operator right}, taken apart. */
record Comparison(Scalar left, String operator, Scalar right) {
  private static final Set<String> BOUNDS = Set.of("<", "<=", ">", ">=");

  /** The sides, if the condition is that one bounds the other. */
  static Optional<Comparison> bound(Scalar condition) {
    return of(condition, BOUNDS);
  }

  /** Of a bound: whether the left side is bound from above. */
  boolean isUpper() {
    return operator.startsWith("<");
  }

  /** The sides, if the condition is one of these operators, PostgreSQL's own, and nothing else. */
  static Optional<Comparison> of(Scalar condition, Set<String> operators) {
    var text = new ScalarTokens(condition);
    List<Token> tokens = TokenLists.core(text.tokens());
    int depth = 0;
    int found = -1;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
      if (depth > 0 || token.is(")") || token.is("]")) {
        continue;
      }
      if (token.isKeyword() || (token.kind() == Token.Kind.OPERATOR && !isHarmless(token))) {
        if (found >= 0 || operators.stream().noneMatch(token::is)) {
          return Optional.empty();
        }
        found = i;
      }
    }
    return found <= 0 || found == tokens.size() - 1
        ? Optional.empty()
        : Optional.of(
            new Comparison(
                text.scalar(tokens.subList(0, found)),
                tokens.get(found).text(),
                text.scalar(tokens.subList(found + 1, tokens.size()))));
  }

  private static boolean isHarmless(Token token) {
    return token.is("::");
  }
}
