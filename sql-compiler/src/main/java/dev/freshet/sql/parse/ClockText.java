package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A scalar's tokens, its columns being words like others. */
final class ClockText {
  private static final String CLOCK =
      "(current_setting('" + ClockCondition.SETTING + "')::timestamp with time zone)";

  /** Words that may stand beside the clock: with these an expression is never NULL. */
  private static final Set<String> HARMLESS =
      Set.of(
          "interval",
          "date",
          "timestamp",
          "time",
          "with",
          "without",
          "zone",
          "text",
          "integer",
          "day",
          "hour",
          "minute",
          "second",
          "month",
          "year",
          "to",
          "AT",
          "TIME",
          "ZONE",
          "date_trunc");

  private final ScalarTokens text;

  ClockText(Scalar scalar) {
    text = new ScalarTokens(scalar);
  }

  List<Token> tokens() {
    return text.tokens();
  }

  /** {@code column ± 'constant'::interval}. */
  record Sum(ColumnRef column, String sign, String literal, String constant) {}

  static boolean isClockWord(Token token) {
    return token.is("now")
        || token.is("transaction_timestamp")
        || token.is("statement_timestamp")
        || token.text().startsWith("CURRENT_")
        || token.text().startsWith("LOCALTIME");
  }

  /** Whether a clock begins at a token: a function of that name in another schema is none. */
  static boolean isClock(List<Token> tokens, int at) {
    Token token = tokens.get(at);
    boolean qualified = at > 0 && tokens.get(at - 1).is(".");
    boolean call = at + 1 < tokens.size() && tokens.get(at + 1).is("(");
    return switch (token.text()) {
      case "now", "transaction_timestamp" -> call && !qualified && token.kind() == Token.Kind.WORD;
      case "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP" -> token.kind() == Token.Kind.WORD;
      default -> false;
    };
  }

  static boolean hasClock(List<Token> tokens) {
    return tokens.stream().anyMatch(ClockText::isClockWord);
  }

  /** The parts that a keyword connects outside of all parentheses. */
  List<List<Token>> split(String keyword, List<Token> all) {
    List<Token> core = TokenLists.core(all);
    boolean hasCase = core.stream().anyMatch(token -> token.is("CASE"));
    List<List<Token>> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < core.size(); i++) {
      depth += TokenLists.step(core.get(i));
      if (depth == 0 && core.get(i).is("BETWEEN")) {
        return List.of(all);
      }
      if (depth == 0 && !hasCase && core.get(i).is(keyword)) {
        parts.add(core.subList(from, i));
        from = i + 1;
      }
    }
    parts.add(core.subList(from, core.size()));
    return parts.size() == 1 ? List.of(all) : parts;
  }

  /** The only place where one of the operators stands outside of parentheses; else −1. */
  static int topLevel(List<Token> tokens, Set<String> operators) {
    int depth = 0;
    int found = -1;
    for (int i = 0; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      depth += TokenLists.step(token);
      if (depth == 0 && token.kind() == Token.Kind.OPERATOR && operators.contains(token.text())) {
        if (found >= 0) {
          return -1;
        }
        found = i;
      }
    }
    return found;
  }

  /** Words and operators that never make NULL of what is not. */
  boolean isHarmless(List<Token> clock) {
    for (int i = 0; i < clock.size(); i++) {
      Token token = clock.get(i);
      boolean fine =
          switch (token.kind()) {
            case STRING, NUMBER -> true;
            case PUNCTUATION -> token.is("(") || token.is(")") || token.is(",");
            case OPERATOR -> token.is("+") || token.is("-") || token.is("::");
            case WORD -> isClock(clock, i) || HARMLESS.contains(token.text());
            case QUOTED, OTHER, QUERY -> false;
          };
      if (!fine) {
        return false;
      }
    }
    return true;
  }

  /** Whether it is a timestamptz all along. */
  boolean isInstant(List<Token> clock) {
    for (int i = 0; i < clock.size(); i++) {
      Token token = clock.get(i);
      boolean local =
          token.is("CURRENT_DATE") || token.text().startsWith("LOCALTIME") || token.is("AT");
      boolean cast = token.is("::") && !clock.get(i + 1).is("interval");
      if (local || cast) {
        return false;
      }
    }
    return true;
  }

  static boolean isCast(List<Token> tokens, String type) {
    int last = tokens.size() - 1;
    return last >= 2 && tokens.get(last).is(type) && tokens.get(last - 1).is("::");
  }

  Optional<ColumnRef> column(List<Token> tokens) {
    List<Token> core = TokenLists.core(tokens);
    return core.size() == 1 ? text.column(core.getFirst()) : Optional.empty();
  }

  Set<ColumnRef> columns(List<Token> tokens) {
    return scalar(tokens).columns();
  }

  Optional<Sum> sum(List<Token> side) {
    int sign = topLevel(side, Set.of("+", "-"));
    if (sign <= 0 || side.size() - sign != 4 || !isCast(side, "interval")) {
      return Optional.empty();
    }
    Token literal = side.get(sign + 1);
    return column(side.subList(0, sign))
        .filter(_ -> literal.kind() == Token.Kind.STRING)
        .map(
            column ->
                new Sum(
                    column,
                    side.get(sign).text(),
                    literal.text(),
                    scalar(side.subList(sign + 1, side.size())).toString()));
  }

  /** {@code LEAST(e(t′), e(t))} or the greatest. */
  Scalar either(String function, List<Token> clock) {
    return Scalar.of(function, scalar(clock), ", ", before(clock), ")");
  }

  Scalar scalar(List<Token> part) {
    return text.scalar(part);
  }

  /** At the time of the frontier. */
  Scalar before(List<Token> part) {
    return text.scalar(part, ClockText::atFrontier);
  }

  private static Optional<ScalarTokens.Other> atFrontier(List<Token> part, int at) {
    if (!isClock(part, at)) {
      return Optional.empty();
    }
    int last = argumentsEnd(part, at);
    return Optional.of(
        new ScalarTokens.Other(last, atFrontier(part.get(at), part.subList(at + 1, last + 1))));
  }

  /** The last token of {@code now()}, {@code CURRENT_TIMESTAMP(0)}, {@code CURRENT_DATE}. */
  private static int argumentsEnd(List<Token> tokens, int at) {
    int last = at;
    if (at + 1 < tokens.size() && tokens.get(at + 1).is("(")) {
      do {
        last++;
      } while (!tokens.get(last).is(")"));
    }
    return last;
  }

  private static String atFrontier(Token clock, List<Token> arguments) {
    String precision = arguments.size() == 3 ? "(" + arguments.get(1).text() + ")" : "";
    return switch (clock.text()) {
      case "CURRENT_DATE" -> "(" + CLOCK + "::date)";
      case "LOCALTIMESTAMP" -> "(" + CLOCK + "::timestamp" + precision + ")";
      case "CURRENT_TIMESTAMP" ->
          precision.isEmpty() ? CLOCK : "(" + CLOCK + "::timestamptz" + precision + ")";
      default -> CLOCK;
    };
  }
}
