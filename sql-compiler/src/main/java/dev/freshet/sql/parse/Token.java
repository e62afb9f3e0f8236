package dev.freshet.sql.parse;

import java.util.Optional;

/**
 * A token of SQL text.
 *
 * @param text exactly as written
 * @param start where it begins in the text
 * @param query of a {@link Kind#QUERY}: what was read
 */
public record Token(Kind kind, String text, int start, Optional<Syntax> query) {

  public Token(Kind kind, String text, int start) {
    this(kind, text, start, Optional.empty());
  }

  /** What PostgreSQL's scanner would see (scan.l), as far as we need to tell it apart. */
  public enum Kind {
    /** Identifier or keyword without quotes. */
    WORD,
    /** {@code "…"} or {@code U&"…"}. */
    QUOTED,
    /** Any string constant: '…', E'…', B'…', X'…', N'…', U&'…', $tag$…$tag$. */
    STRING,
    NUMBER,
    /** One or more operator characters; {@code ::} too. */
    OPERATOR,
    /** One of {@code ( ) [ ] , ; : .} alone. */
    PUNCTUATION,
    OTHER,
    /** A sub-query with its parentheses; the lexer makes none, {@link Skeleton} does. */
    QUERY
  }

  public int end() {
    return start + text.length();
  }

  public boolean is(String expected) {
    return text.equals(expected) && kind != Kind.STRING && kind != Kind.QUOTED;
  }

  /** An identifier, not a keyword: PostgreSQL prints keywords in capitals, names it must quote. */
  public boolean isName() {
    return kind == Kind.QUOTED || (kind == Kind.WORD && !isKeyword());
  }

  /** A keyword as PostgreSQL prints it. */
  public boolean isKeyword() {
    return kind == Kind.WORD
        && text.chars().noneMatch(Character::isLowerCase)
        && Character.isUpperCase(text.charAt(0));
  }

  /** The name that an identifier stands for. */
  public String name() {
    return kind == Kind.QUOTED
        ? text.substring(text.indexOf('"') + 1, text.length() - 1).replace("\"\"", "\"")
        : text;
  }
}
