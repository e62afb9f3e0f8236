package dev.freshet.sql.parse;

import java.util.ArrayList;
import java.util.List;

/** Splits conditions and lists, as ruleutils.c prints them. */
final class Conjuncts {
  private Conjuncts() {}

  /** The parts that AND connects. */
  static List<List<Token>> of(List<Token> condition) {
    List<Token> core = TokenLists.core(condition);
    List<List<Token>> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < core.size(); i++) {
      Token token = core.get(i);
      depth += TokenLists.step(token);
      if (depth == 0 && (token.is("OR") || token.is("CASE") || token.is("BETWEEN"))) {
        return List.of(withOnePair(condition));
      }
      if (depth == 0 && token.is("AND")) {
        parts.addAll(of(core.subList(from, i)));
        from = i + 1;
      }
    }
    if (parts.isEmpty()) {
      return List.of(withOnePair(condition));
    }
    parts.addAll(of(core.subList(from, core.size())));
    return parts;
  }

  /** The parts between commas. */
  static List<List<Token>> list(List<Token> tokens) {
    List<List<Token>> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += TokenLists.step(token);
      if (depth == 0 && token.is(",")) {
        parts.add(tokens.subList(from, i));
        from = i + 1;
      }
    }
    if (from < tokens.size()) {
      parts.add(tokens.subList(from, tokens.size()));
    }
    return parts;
  }

  /** Whether two expressions are written alike. */
  static boolean same(List<Token> one, List<Token> other) {
    return one.stream().map(Token::text).toList().equals(other.stream().map(Token::text).toList());
  }

  static boolean hasQuery(List<Token> tokens) {
    return tokens.stream().anyMatch(token -> token.query().isPresent());
  }

  /** Strips all but the innermost pair of parentheses that enclose everything. */
  private static List<Token> withOnePair(List<Token> tokens) {
    List<Token> inner = tokens;
    while (inner.size() > 2 && inner.getFirst().is("(") && closesAtEnd(inner)) {
      List<Token> next = inner.subList(1, inner.size() - 1);
      if (!next.getFirst().is("(") || !closesAtEnd(next)) {
        return inner;
      }
      inner = next;
    }
    return inner;
  }

  private static boolean closesAtEnd(List<Token> tokens) {
    return TokenLists.closing(tokens, 0) == tokens.size() - 1;
  }
}
