package dev.freshet.sql.parse;

import java.util.List;

/** Takes an entry of ORDER BY apart: an expression, then ASC, DESC, USING, NULLS FIRST or LAST. */
final class SortKeys {
  private SortKeys() {}

  static List<Token> expression(List<Token> key) {
    return key.subList(0, end(key));
  }

  /** What follows the expression, as text. */
  static String direction(List<Token> key) {
    int end = end(key);
    return end == key.size() ? "" : new Syntax.Expression(key.subList(end, key.size())).toString();
  }

  private static int end(List<Token> key) {
    int depth = 0;
    for (int i = 0; i < key.size(); i++) {
      Token token = key.get(i);
      depth += token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
      boolean direction =
          token.is("ASC") || token.is("DESC") || token.is("USING") || token.is("NULLS");
      if (i > 0 && depth == 0 && direction) {
        return i;
      }
    }
    return key.size();
  }
}
