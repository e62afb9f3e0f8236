package dev.freshet.sql.tree;

/** Whether text is one operand already. */
final class Parentheses {
  private Parentheses() {}

  /** The text is a single word, or begins with a parenthesis that closes at its end. */
  static boolean enclose(String sql) {
    if (!sql.startsWith("(")) {
      return !sql.isEmpty() && sql.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_');
    }
    int depth = 0;
    for (int i = 0; i < sql.length(); i++) {
      switch (sql.charAt(i)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case '\'', '"', '$' -> {
          return false; // quoted text may hold parentheses: not worth a second lexer
        }
        default -> {}
      }
      if (depth == 0) {
        return i == sql.length() - 1;
      }
    }
    return false;
  }
}
