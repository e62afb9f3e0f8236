package dev.freshet.sql.parse;

import dev.freshet.sql.parse.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits SQL text into tokens as PostgreSQL's scan.l does with {@code standard_conforming_strings}
 * on. Comments and white space separate tokens and are dropped.
 */
public final class Lexer {
  private static final String OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";
  private static final String PUNCTUATION = "()[],;.";

  private final String sql;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String sql) {
    this.sql = sql;
  }

  /**
   * The tokens of a text.
   *
   * @throws IllegalArgumentException if a quote or comment is not closed
   */
  public static List<Token> tokens(String sql) {
    var lexer = new Lexer(sql);
    while (lexer.at < sql.length()) {
      lexer.next();
    }
    return lexer.tokens;
  }

  private void next() {
    char c = sql.charAt(at);
    if (Character.isWhitespace(c)) {
      at++;
    } else if (sql.startsWith("--", at)) {
      int end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length() : end + 1;
    } else if (sql.startsWith("/*", at)) {
      at = endOfComment();
    } else if (c == '\'') {
      add(Kind.STRING, endOfQuote(at, '\'', false));
    } else if (c == '"') {
      add(Kind.QUOTED, endOfQuote(at, '"', false));
    } else if (stringPrefix() > 0) {
      int quote = at + stringPrefix();
      boolean backslashes = c == 'E' || c == 'e';
      add(
          sql.charAt(quote) == '"' ? Kind.QUOTED : Kind.STRING,
          endOfQuote(quote, sql.charAt(quote), backslashes));
    } else if (c == '$' && dollarTag() > 0) {
      int tag = dollarTag();
      int end = sql.indexOf(sql.substring(at, at + tag), at + tag);
      if (end < 0) {
        throw unclosed(at);
      }
      add(Kind.STRING, end + tag);
    } else if (isDigit(c) || (c == '.' && at + 1 < sql.length() && isDigit(sql.charAt(at + 1)))) {
      add(Kind.NUMBER, endOfNumber());
    } else if (isWordStart(sql.codePointAt(at))) {
      add(Kind.WORD, endOfWord());
    } else if (sql.startsWith("::", at)) {
      add(Kind.OPERATOR, at + 2);
    } else if (OPERATOR_CHARACTERS.indexOf(c) >= 0) {
      add(Kind.OPERATOR, endOfOperator());
    } else if (PUNCTUATION.indexOf(c) >= 0 || c == ':') {
      add(Kind.PUNCTUATION, at + 1);
    } else {
      add(Kind.OTHER, at + Character.charCount(sql.codePointAt(at)));
    }
  }

  private void add(Kind kind, int end) {
    tokens.add(new Token(kind, sql.substring(at, end), at));
    at = end;
  }

  private int stringPrefix() {
    for (String prefix : List.of("E'", "e'", "B'", "b'", "X'", "x'", "N'", "n'")) {
      if (sql.startsWith(prefix, at)) {
        return 1;
      }
    }
    return sql.regionMatches(true, at, "U&'", 0, 3) || sql.regionMatches(true, at, "U&\"", 0, 3)
        ? 2
        : 0;
  }

  private int endOfQuote(int open, char quote, boolean backslashes) {
    for (int i = open + 1; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (backslashes && c == '\\') {
        i++;
      } else if (c == quote) {
        if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
          i++;
        } else {
          return i + 1;
        }
      }
    }
    throw unclosed(open);
  }

  private int endOfComment() {
    int depth = 0;
    for (int i = at; i + 1 < sql.length(); i++) {
      if (sql.startsWith("/*", i)) {
        depth++;
        i++;
      } else if (sql.startsWith("*/", i)) {
        depth--;
        i++;
        if (depth == 0) {
          return i + 1;
        }
      }
    }
    throw unclosed(at);
  }

  private int dollarTag() {
    int i = at + 1;
    while (i < sql.length() && isWordPart(sql.codePointAt(i)) && sql.charAt(i) != '$') {
      i++;
    }
    boolean tag = i < sql.length() && sql.charAt(i) == '$' && !isDigit(sql.charAt(at + 1));
    return tag ? i + 1 - at : 0;
  }

  private int endOfNumber() {
    int i = at;
    while (i < sql.length()) {
      char c = sql.charAt(i);
      boolean exponentSign =
          (c == '+' || c == '-') && i > at && "eE".indexOf(sql.charAt(i - 1)) >= 0;
      if (!(Character.isLetterOrDigit(c) || c == '.' || c == '_' || exponentSign)) {
        break;
      }
      i++;
    }
    return i;
  }

  private int endOfWord() {
    int i = at;
    while (i < sql.length() && isWordPart(sql.codePointAt(i))) {
      i += Character.charCount(sql.codePointAt(i));
    }
    return i;
  }

  private int endOfOperator() {
    int i = at;
    while (i < sql.length()
        && OPERATOR_CHARACTERS.indexOf(sql.charAt(i)) >= 0
        && !sql.startsWith("--", i)
        && !sql.startsWith("/*", i)) {
      i++;
    }
    return i;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWordStart(int c) {
    return c == '_' || Character.isLetter(c) || (c >= 0x80 && c < 0xF0000);
  }

  private static boolean isWordPart(int c) {
    return isWordStart(c) || c == '$' || (c >= '0' && c <= '9');
  }

  private IllegalArgumentException unclosed(int from) {
    return new IllegalArgumentException(
        "unclosed quote or comment at position " + (from + 1) + " of: " + sql);
  }
}
