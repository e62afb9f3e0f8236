package dev.freshet.sql.delta;

import dev.freshet.sql.parse.ScalarTokens;
import dev.freshet.sql.parse.Token;
import dev.freshet.sql.parse.TokenLists;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The equalities by which an index can find the rows that satisfy a condition: of those that AND
 * connects, PostgreSQL's own {@code =}, and {@code l = r OR (l IS NULL AND r IS NULL)}, which is
 * looked up as two ranges of the index.
 */
final class ImpliedEqualities {
  private final ScalarTokens text;

  private ImpliedEqualities(Scalar condition) {
    text = new ScalarTokens(condition);
  }

  static List<Equality> of(Scalar condition) {
    var equalities = new ImpliedEqualities(condition);
    return equalities.conjuncts(TokenLists.core(equalities.text.tokens()));
  }

  private List<Equality> conjuncts(List<Token> tokens) {
    var found = new ArrayList<Equality>();
    for (List<Token> part : TokenLists.split(tokens, "AND")) {
      List<List<Token>> alternatives = TokenLists.split(TokenLists.core(part), "OR");
      equality(alternatives.getFirst())
          .filter(e -> alternatives.size() == 1 || bothNull(alternatives.getLast(), e))
          .filter(_ -> alternatives.size() <= 2)
          .ifPresent(found::add);
    }
    return found;
  }

  private Optional<Equality> equality(List<Token> tokens) {
    return tokens.isEmpty() ? Optional.empty() : Equality.of(text.scalar(tokens));
  }

  private boolean bothNull(List<Token> tokens, Equality equality) {
    List<List<Token>> parts = TokenLists.split(TokenLists.core(tokens), "AND");
    return parts.size() == 2
        && isNull(parts.get(0), equality.left())
        && isNull(parts.get(1), equality.right());
  }

  private boolean isNull(List<Token> tokens, Scalar value) {
    int size = tokens.size();
    return size > 2
        && tokens.get(size - 2).is("IS")
        && tokens.get(size - 1).is("NULL")
        && text.scalar(tokens.subList(0, size - 2)).equals(value);
  }
}
