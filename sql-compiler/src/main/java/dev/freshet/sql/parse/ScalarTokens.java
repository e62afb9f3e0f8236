package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An expression as tokens, in which each column is one quoted name, and parts of it again. */
public final class ScalarTokens {
  private final Map<String, ColumnRef> holes = new HashMap<>();
  private final String sql;
  private final List<Token> tokens;

  public ScalarTokens(Scalar scalar) {
    Map<ColumnRef, String> names = new HashMap<>();
    sql =
        scalar.sql(
            ref ->
                names.computeIfAbsent(
                    ref,
                    _ -> {
                      String hole = "\"hole " + holes.size() + "\"";
                      holes.put(hole, ref);
                      return hole;
                    }));
    tokens = Lexer.tokens(sql);
  }

  public List<Token> tokens() {
    return tokens;
  }

  /** The column that a token stands for. */
  public Optional<ColumnRef> column(Token token) {
    return Optional.ofNullable(holes.get(token.text()));
  }

  /**
   * What stands in the place of some tokens.
   *
   * @param last the position of the last of them
   */
  record Other(int last, String text) {}

  /** Finds what stands in the place of the tokens that begin at a position of a list. */
  @FunctionalInterface
  interface Substitution {
    Optional<Other> at(List<Token> part, int position);
  }

  /** The expression that some of the tokens are, which follow one another. */
  public Scalar scalar(List<Token> part) {
    return scalar(part, (_, _) -> Optional.empty());
  }

  Scalar scalar(List<Token> part, Substitution substitution) {
    var parts = new ArrayList<Object>();
    int copied = part.getFirst().start();
    for (int i = 0; i < part.size(); i++) {
      Token token = part.get(i);
      Optional<Other> other = substitution.at(part, i);
      Object replacement = other.isPresent() ? other.get().text() : holes.get(token.text());
      if (replacement == null) {
        continue;
      }
      if (token.start() > copied) {
        parts.add(sql.substring(copied, token.start()));
      }
      parts.add(replacement);
      i = other.map(Other::last).orElse(i);
      copied = part.get(i).end();
    }
    if (part.getLast().end() > copied) {
      parts.add(sql.substring(copied, part.getLast().end()));
    }
    return Scalar.of(parts.toArray());
  }
}
