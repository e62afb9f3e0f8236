package dev.freshet.engine.script;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * Where in a query something stands that PostgreSQL's analysis tells of without a position: the
 * number of its first character, from 1, as PostgreSQL counts; empty if it is not in the text.
 */
public final class Places {
  private static final Set<String> LOCKING = Set.of("UPDATE", "SHARE", "NO", "KEY");

  private static final Set<String> WRITING = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");

  private Places() {}

  /**
   * @param function as {@code regprocedure} prints it: {@code random()}, {@code app.f(integer)}
   */
  public static Optional<Integer> ofCall(String query, String function) {
    int parenthesis = function.indexOf('(');
    String qualified = parenthesis < 0 ? function : function.substring(0, parenthesis);
    String name = qualified.substring(qualified.lastIndexOf('.') + 1).replace("\"", "");
    return first(
        query,
        (token, next) ->
            next.isSymbol('(') && (token.is(name) || token.text().equals("\"" + name + "\"")));
  }

  /** FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE, FOR KEY SHARE. */
  public static Optional<Integer> ofLocking(String query) {
    return first(query, (token, next) -> token.is("FOR") && LOCKING.contains(next.word()));
  }

  /** The parenthesis before a statement that changes data, as a common table expression does. */
  public static Optional<Integer> ofWriting(String query) {
    return first(query, (token, next) -> token.isSymbol('(') && WRITING.contains(next.word()));
  }

  public static Optional<Integer> ofSampling(String query) {
    return first(query, (token, _) -> token.is("TABLESAMPLE"));
  }

  private static Optional<Integer> first(String query, BiPredicate<Token, Token> found) {
    List<Token> tokens = Lexer.tokens(query);
    for (int i = 0; i + 1 < tokens.size(); i++) {
      if (found.test(tokens.get(i), tokens.get(i + 1))) {
        return Optional.of(query.codePointCount(0, tokens.get(i).start()) + 1);
      }
    }
    return Optional.empty();
  }
}
