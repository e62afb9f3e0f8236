package dev.freshet.sql.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** Token lists as ruleutils.c prints them: every operator expression in parentheses. */
public final class TokenLists {
  private TokenLists() {}

  /** Strips parentheses that enclose everything. */
  public static List<Token> core(List<Token> tokens) {
    List<Token> core = tokens;
    while (core.size() > 2 && core.getFirst().is("(") && closing(core, 0) == core.size() - 1) {
      core = core.subList(1, core.size() - 1);
    }
    return core;
  }

  /** Where the parenthesis or bracket at {@code open} closes; the size if nowhere. */
  public static int closing(List<Token> tokens, int open) {
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      depth += step(tokens.get(i));
      if (depth == 0) {
        return i;
      }
    }
    return tokens.size();
  }

  /** By how much a token changes the depth of parentheses and brackets. */
  static int step(Token token) {
    return token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
  }

  /** The parts between tokens {@code separator} outside of parentheses. */
  public static List<List<Token>> split(List<Token> tokens, String separator) {
    List<List<Token>> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += step(tokens.get(i));
      if (depth == 0 && tokens.get(i).is(separator)) {
        parts.add(tokens.subList(from, i));
        from = i + 1;
      }
    }
    parts.add(tokens.subList(from, tokens.size()));
    return parts;
  }

  /** Whether a token outside of parentheses is of this kind. */
  public static boolean hasOutside(List<Token> tokens, Predicate<Token> wanted) {
    return count(tokens, wanted) > 0;
  }

  private static int count(List<Token> tokens, Predicate<Token> wanted) {
    int depth = 0;
    int count = 0;
    for (Token token : tokens) {
      depth += step(token);
      count += depth == 0 && wanted.test(token) ? 1 : 0;
    }
    return count;
  }

  /** The place of the only such token outside of parentheses; empty if there is none, or more. */
  public static OptionalInt only(List<Token> tokens, Predicate<Token> wanted) {
    if (count(tokens, wanted) != 1) {
      return OptionalInt.empty();
    }
    int depth = 0;
    for (int i = 0; i < tokens.size(); i++) {
      depth += step(tokens.get(i));
      if (depth == 0 && wanted.test(tokens.get(i))) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** The words of a type's name, without spaces that do not matter. */
  public static String words(List<Token> tokens) {
    return String.join(" ", tokens.stream().map(Token::text).toList());
  }
}
