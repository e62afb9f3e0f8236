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

/**
 * The equalities by which an index can find the rows that satisfy a condition: of those that AND
 * connects, PostgreSQL's own {@code =}, and {@code l = r OR (l IS NULL AND r IS NULL)}, which is
 * looked up as two ranges of the index.
 */
final class ImpliedEqualities {
  private final Map<String, ColumnRef> holes = new HashMap<>();
  private final String sql;

  private ImpliedEqualities(Scalar condition) {
    Map<ColumnRef, String> names = new HashMap<>();
    this.sql =
        condition.sql(
            ref ->
                names.computeIfAbsent(
                    ref,
                    _ -> {
                      String hole = "\"hole " + holes.size() + "\"";
                      holes.put(hole, ref);
                      return hole;
                    }));
  }

  static List<Equality> of(Scalar condition) {
    var equalities = new ImpliedEqualities(condition);
    List<Token> tokens = Equality.withoutParentheses(Lexer.tokens(equalities.sql));
    return equalities.conjuncts(tokens);
  }

  private List<Equality> conjuncts(List<Token> tokens) {
    var found = new ArrayList<Equality>();
    for (List<Token> part : split(tokens, "AND")) {
      List<List<Token>> alternatives = split(Equality.withoutParentheses(part), "OR");
      equality(alternatives.getFirst())
          .filter(e -> alternatives.size() == 1 || bothNull(alternatives.getLast(), e))
          .filter(_ -> alternatives.size() <= 2)
          .ifPresent(found::add);
    }
    return found;
  }

  private Optional<Equality> equality(List<Token> tokens) {
    return tokens.isEmpty() ? Optional.empty() : Equality.of(Equality.scalar(sql, tokens, holes));
  }

  private boolean bothNull(List<Token> tokens, Equality equality) {
    List<List<Token>> parts = split(Equality.withoutParentheses(tokens), "AND");
    return parts.size() == 2
        && isNull(parts.get(0), equality.left())
        && isNull(parts.get(1), equality.right());
  }

  private boolean isNull(List<Token> tokens, Scalar value) {
    int size = tokens.size();
    return size > 2
        && tokens.get(size - 2).is("IS")
        && tokens.get(size - 1).is("NULL")
        && Equality.scalar(sql, tokens.subList(0, size - 2), holes).equals(value);
  }

  /** The parts that a keyword connects outside of parentheses. */
  private static List<List<Token>> split(List<Token> tokens, String keyword) {
    List<List<Token>> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
      if (depth == 0 && token.is(keyword)) {
        parts.add(tokens.subList(from, i));
        from = i + 1;
      }
    }
    parts.add(tokens.subList(from, tokens.size()));
    return parts;
  }
}
