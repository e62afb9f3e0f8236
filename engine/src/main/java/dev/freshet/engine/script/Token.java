package dev.freshet.engine.script;

import java.util.Locale;

/**
 * A lexical element of SQL text.
 *
 * @param start of its first character in the text
 * @param end behind its last one
 */
record Token(Kind kind, String text, int start, int end) {

  enum Kind {
    /** A key word or a plain name. */
    WORD,
    /** {@code "…"}. */
    QUOTED_NAME,
    /** {@code '…'}, {@code E'…'} or {@code $tag$…$tag$}. */
    STRING,
    /** Digits and what belongs to them, and parameters: {@code 1.5e3}, {@code $1}. */
    NUMBER,
    /** One character of punctuation. */
    SYMBOL,
    /** A backslash and the rest of its line: a command of {@code psql}. */
    META_COMMAND
  }

  boolean is(String word) {
    return kind == Kind.WORD && text.equalsIgnoreCase(word);
  }

  boolean isSymbol(char symbol) {
    return kind == Kind.SYMBOL && text.charAt(0) == symbol;
  }

  /** A word in upper case; empty for anything else. */
  String word() {
    return kind == Kind.WORD ? text.toUpperCase(Locale.ROOT) : "";
  }
}
