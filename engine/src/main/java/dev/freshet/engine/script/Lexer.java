package dev.freshet.engine.script;

import dev.freshet.engine.script.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads tokens, blanks and comments left out. What is not closed reaches to the end of the text.
 * (PostgreSQL manual, "Lexical Structure"; {@code standard_conforming_strings} is on.)
 */
final class Lexer {
  private final String text;
  private int at;

  Lexer(String text) {
    this.text = text;
  }

  /** All tokens of {@code text}. */
  static List<Token> tokens(String text) {
    Lexer lexer = new Lexer(text);
    List<Token> tokens = new ArrayList<>();
    for (Optional<Token> next = lexer.next(); next.isPresent(); next = lexer.next()) {
      tokens.add(next.get());
    }
    return tokens;
  }

  /** Where the next token is looked for. */
  int position() {
    return at;
  }

  /** Goes on from {@code position}, over everything before it. */
  void skipTo(int position) {
    at = position;
  }

  /** The next token; empty at the end. */
  Optional<Token> next() {
    skipBlanksAndComments();
    if (at >= text.length()) {
      return Optional.empty();
    }
    int start = at;
    Kind kind = read(text.charAt(at));
    return Optional.of(new Token(kind, text.substring(start, at), start, at));
  }

  private Kind read(char first) {
    if (first == '\'') {
      at = endOfQuoted(at + 1, '\'', false);
      return Kind.STRING;
    }
    if (first == '"') {
      at = endOfQuoted(at + 1, '"', false);
      return Kind.QUOTED_NAME;
    }
    if (first == '\\') {
      at = endOfLine(at);
      return Kind.META_COMMAND;
    }
    if (first == '$') {
      return dollar();
    }
    if (Character.isDigit(first)) {
      at = endOf(at, c -> Character.isLetterOrDigit(c) || c == '.' || c == '_');
      return Kind.NUMBER;
    }
    if (beginsWord(first)) {
      return word();
    }
    at++;
    return Kind.SYMBOL;
  }

  private Kind word() {
    int start = at;
    at = endOf(at, Lexer::continuesWord);
    boolean escapes = at == start + 1 && (text.charAt(start) == 'e' || text.charAt(start) == 'E');
    if (escapes && at < text.length() && text.charAt(at) == '\'') {
      at = endOfQuoted(at + 1, '\'', true);
      return Kind.STRING;
    }
    return Kind.WORD;
  }

  /** A dollar-quoted string, a parameter, or the character itself. */
  private Kind dollar() {
    int tagEnd = at + 1;
    if (tagEnd < text.length() && Character.isDigit(text.charAt(tagEnd))) {
      at = endOf(tagEnd, Character::isDigit);
      return Kind.NUMBER;
    }
    tagEnd = endOf(tagEnd, c -> Character.isLetterOrDigit(c) || c == '_');
    if (tagEnd >= text.length() || text.charAt(tagEnd) != '$') {
      at++;
      return Kind.SYMBOL;
    }
    String delimiter = text.substring(at, tagEnd + 1);
    int close = text.indexOf(delimiter, tagEnd + 1);
    at = close < 0 ? text.length() : close + delimiter.length();
    return Kind.STRING;
  }

  private void skipBlanksAndComments() {
    while (at < text.length()) {
      if (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '\uFEFF') {
        at++;
      } else if (text.startsWith("--", at)) {
        at = endOfLine(at);
      } else if (text.startsWith("/*", at)) {
        at = endOfBlockComment(at + 2);
      } else {
        return;
      }
    }
  }

  /** Block comments nest. */
  private int endOfBlockComment(int from) {
    int depth = 1;
    int i = from;
    while (i < text.length() && depth > 0) {
      if (text.startsWith("/*", i)) {
        depth++;
        i += 2;
      } else if (text.startsWith("*/", i)) {
        depth--;
        i += 2;
      } else {
        i++;
      }
    }
    return i;
  }

  /** A doubled quote, and a backslash where it escapes, does not end it. */
  private int endOfQuoted(int from, char quote, boolean backslashEscapes) {
    int i = from;
    while (i < text.length()) {
      char c = text.charAt(i);
      if (c == '\\' && backslashEscapes) {
        i += 2;
      } else if (c != quote) {
        i++;
      } else if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
        i += 2;
      } else {
        return i + 1;
      }
    }
    return text.length();
  }

  private int endOfLine(int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private int endOf(int from, Letters letters) {
    int i = from;
    while (i < text.length() && letters.contain(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private interface Letters {
    boolean contain(char letter);
  }

  private static boolean beginsWord(char c) {
    return Character.isLetter(c) || c == '_' || c > 127;
  }

  private static boolean continuesWord(char c) {
    return beginsWord(c) || Character.isDigit(c) || c == '$';
  }
}
