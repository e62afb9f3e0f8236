package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A condition that compares columns with the clock, such as {@code ts > now() - '1 day'}.
 *
 * <p>Law: let a comparison {@code f(row) ⋚ e(t)} change its truth for a row between the times t and
 * t′. Then {@code f(row)} lies between {@code e(t)} and {@code e(t′)}, bounds included, whatever e
 * is and whether the clock went forward or back. So only the rows in that range, and where the
 * condition has several comparisons those in one of their ranges, can change sides.
 *
 * @param now the condition at the time of the transaction
 * @param before the condition at the time of the stream table's frontier, which the setting {@value
 *     #SETTING} holds
 * @param window true for every row for which one of these is true and the other is not; TRUE if
 *     nothing better is known
 * @param columns whose indexes find the rows in the window
 */
public record ClockCondition(Scalar now, Scalar before, Scalar window, List<ColumnRef> columns) {
  /** The setting of the transaction with the time of the frontier. */
  public static final String SETTING = "freshet.clock";

  private static final String CLOCK =
      "(current_setting('" + SETTING + "')::timestamp with time zone)";

  private static final Set<String> COMPARISONS = Set.of("<", "<=", ">", ">=", "=", "<>");

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

  /** Keywords that may stand in a side of a comparison, outside of all parentheses. */
  private static final Set<String> WITHIN_SIDES =
      Set.of("AT", "TIME", "ZONE", "COALESCE", "GREATEST", "LEAST", "NULLIF", "EXTRACT");

  /** Of instants, hours, minutes and seconds are exact; a day or a month is not. */
  private static final Pattern EXACT = Pattern.compile("'-?\\d+:\\d\\d:\\d\\d(\\.\\d+)?'");

  private static final Pattern DAYS =
      Pattern.compile("'-?\\d+ days?( -?\\d+:\\d\\d:\\d\\d(\\.\\d+)?)?'");

  /** By how much a date can miss what adding and then subtracting days and months gives. */
  private static final String SLACK = "'5 days'::interval";

  public ClockCondition {
    columns = List.copyOf(columns);
  }

  /** Whether the expression reads the clock in one of the spellings that are understood. */
  public static boolean readsClock(Scalar scalar) {
    return mentionsClock(scalar) && new Text(scalar).tokens.stream().anyMatch(Text::isClockWord);
  }

  private static boolean mentionsClock(Scalar scalar) {
    String text = scalar.toString();
    return text.contains("now(")
        || text.contains("_timestamp(")
        || text.contains("CURRENT_")
        || text.contains("LOCALTIME");
  }

  /** The parts of a condition that AND connects. */
  public static List<Scalar> conjuncts(Scalar condition) {
    Text text = new Text(condition);
    List<List<Token>> parts = text.split("AND", text.tokens);
    if (parts.size() == 1) {
      return List.of(condition);
    }
    return parts.stream().flatMap(part -> conjuncts(text.scalar(part)).stream()).toList();
  }

  /**
   * Takes a condition apart.
   *
   * @param instants the columns of type timestamptz: what is added to one and taken off again
   *     leaves it as it was, whereas local times are moved when clocks are
   * @throws UnsupportedQueryException if the clock is not just compared with something
   */
  public static ClockCondition of(Scalar condition, Predicate<ColumnRef> instants) {
    Text text = new Text(condition);
    var comparisons = new ArrayList<Comparison>();
    text.collect(text.tokens, comparisons);
    var windows = new ArrayList<Scalar>();
    var columns = new ArrayList<ColumnRef>();
    boolean ranged = true;
    for (Comparison comparison : comparisons) {
      Optional<Range> range = comparison.range(instants);
      ranged &= range.isPresent();
      range.ifPresent(
          r -> {
            windows.add(r.condition().grouped());
            if (!columns.contains(r.column())) {
              columns.add(r.column());
            }
          });
    }
    return new ClockCondition(
        condition,
        text.before(text.tokens),
        ranged ? Scalar.join(" OR ", windows, "FALSE") : Scalar.of("TRUE"),
        ranged ? columns : List.of());
  }

  @Override
  public String toString() {
    return now.toString();
  }

  /** A column and between what it lies where a comparison changes its truth. */
  private record Range(ColumnRef column, Scalar condition) {}

  /**
   * {@code side ⋚ clock}, or {@code clock − column ⋚ constant}.
   *
   * @param other the side without the clock
   * @param clock the side with it
   */
  private record Comparison(Text text, List<Token> other, List<Token> clock) {

    private Optional<Range> range(Predicate<ColumnRef> instants) {
      List<Token> side = Conjuncts.withoutParentheses(other);
      if (text.columns(clock).isEmpty()) {
        return text.isHarmless(clock) ? ofColumn(side, instants) : Optional.empty();
      }
      return ofDifference(Conjuncts.withoutParentheses(clock), side);
    }

    /** f(column) ⋚ e(t). */
    private Optional<Range> ofColumn(List<Token> side, Predicate<ColumnRef> instants) {
      Scalar low = text.either("LEAST(", clock);
      Scalar high = text.either("GREATEST(", clock);
      Optional<ColumnRef> column = text.column(side);
      if (column.isPresent()) {
        return range(column.get(), low, "", high, "");
      }
      if (Text.isCast(side, "date")) {
        // Midnight of the day after is at most 48 hours later, wherever clocks are set.
        return text.column(side.subList(0, side.size() - 2))
            .flatMap(c -> range(c, low, " - '1 day'::interval", high, " + '2 days'::interval"));
      }
      Optional<Text.Sum> sum = text.sum(side);
      return sum.flatMap(
          s -> {
            String back = (s.sign().equals("+") ? " - " : " + ") + s.constant();
            boolean exact =
                EXACT.matcher(s.literal()).matches()
                    && instants.test(s.column())
                    && text.isInstant(clock);
            return range(
                s.column(),
                low,
                back + (exact ? "" : " - " + SLACK),
                high,
                back + (exact ? "" : " + " + SLACK));
          });
    }

    /** e(t) − column ⋚ constant: the column lies between e(t) − constant and e(t′) − constant. */
    private Optional<Range> ofDifference(List<Token> difference, List<Token> constant) {
      int minus = Text.topLevel(difference, Set.of("-"));
      if (minus <= 0) {
        return Optional.empty();
      }
      List<Token> minuend = difference.subList(0, minus);
      Optional<ColumnRef> column =
          text.column(
              Conjuncts.withoutParentheses(difference.subList(minus + 1, difference.size())));
      if (column.isEmpty() || !text.columns(minuend).isEmpty() || !text.isHarmless(minuend)) {
        return Optional.empty();
      }
      String literal = constant.getFirst().text();
      boolean number = constant.size() == 1 && constant.getFirst().kind() == Token.Kind.NUMBER;
      boolean exact = number || EXACT.matcher(literal).matches();
      boolean interval = Text.isCast(constant, "interval") && constant.size() == 3;
      if (!number && !(interval && (exact || DAYS.matcher(literal).matches()))) {
        return Optional.empty();
      }
      String back = " - " + text.scalar(constant);
      return range(
          column.get(),
          text.either("LEAST(", minuend),
          back + (exact ? "" : " - " + SLACK),
          text.either("GREATEST(", minuend),
          back + (exact ? "" : " + " + SLACK));
    }

    private Optional<Range> range(
        ColumnRef column, Scalar low, String below, Scalar high, String above) {
      return Optional.of(
          new Range(
              column,
              Scalar.of(
                  column,
                  " >= (",
                  low,
                  below + ") AND ",
                  column,
                  " <= (",
                  high,
                  above + ") AND ",
                  moved())));
    }

    /** Nothing can change sides while the bound stays: CURRENT_DATE does so all day. */
    private Scalar moved() {
      List<Token> bound =
          text.columns(clock).isEmpty()
              ? clock
              : Conjuncts.withoutParentheses(clock)
                  .subList(0, Text.topLevel(Conjuncts.withoutParentheses(clock), Set.of("-")));
      return Scalar.of(
          "(", text.scalar(bound).grouped(), " <> ", text.before(bound).grouped(), ")");
    }
  }

  /** A scalar's tokens, its columns being words like others. */
  private static final class Text {
    private final Map<String, ColumnRef> holes = new HashMap<>();
    private final String sql;
    private final List<Token> tokens;

    Text(Scalar scalar) {
      Map<ColumnRef, String> names = new HashMap<>();
      sql =
          scalar.sql(
              ref ->
                  names.computeIfAbsent(
                      ref,
                      _ -> {
                        String hole = "\"hole " + holes.size() + "\"";
                        holes.put(hole, ref);
                        return hole;
                      }));
      tokens = Lexer.tokens(sql);
    }

    /** {@code column ± 'constant'::interval}. */
    record Sum(ColumnRef column, String sign, String literal, String constant) {}

    private static int step(Token token) {
      return token.is("(") || token.is("[") ? 1 : token.is(")") || token.is("]") ? -1 : 0;
    }

    private static boolean isClockWord(Token token) {
      return token.is("now")
          || token.is("transaction_timestamp")
          || token.is("statement_timestamp")
          || token.text().startsWith("CURRENT_")
          || token.text().startsWith("LOCALTIME");
    }

    /** Whether a clock begins at a token: a function of that name in another schema is none. */
    private static boolean isClock(List<Token> tokens, int at) {
      Token token = tokens.get(at);
      boolean qualified = at > 0 && tokens.get(at - 1).is(".");
      boolean call = at + 1 < tokens.size() && tokens.get(at + 1).is("(");
      return switch (token.text()) {
        case "now", "transaction_timestamp" ->
            call && !qualified && token.kind() == Token.Kind.WORD;
        case "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP" ->
            token.kind() == Token.Kind.WORD;
        default -> false;
      };
    }

    private static boolean hasClock(List<Token> tokens) {
      return tokens.stream().anyMatch(Text::isClockWord);
    }

    /** The parts that a keyword connects outside of all parentheses. */
    List<List<Token>> split(String keyword, List<Token> all) {
      List<Token> core = Conjuncts.withoutParentheses(all);
      boolean hasCase = core.stream().anyMatch(token -> token.is("CASE"));
      List<List<Token>> parts = new ArrayList<>();
      int depth = 0;
      int from = 0;
      for (int i = 0; i < core.size(); i++) {
        depth += step(core.get(i));
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
        depth += step(token);
        if (depth == 0 && token.kind() == Token.Kind.OPERATOR && operators.contains(token.text())) {
          if (found >= 0) {
            return -1;
          }
          found = i;
        }
      }
      return found;
    }

    /** Every comparison that reads the clock; OR, AND and NOT may connect them. */
    void collect(List<Token> condition, List<Comparison> comparisons) {
      if (!hasClock(condition)) {
        return;
      }
      List<Token> core = Conjuncts.withoutParentheses(condition);
      for (String keyword : List.of("OR", "AND")) {
        List<List<Token>> parts = split(keyword, core);
        if (parts.size() > 1) {
          parts.forEach(part -> collect(part, comparisons));
          return;
        }
      }
      if (core.getFirst().is("NOT")) {
        collect(core.subList(1, core.size()), comparisons);
        return;
      }
      int operator = topLevel(core, COMPARISONS);
      if (operator <= 0 || operator == core.size() - 1 || hasOtherWords(core)) {
        throw notCompared(condition);
      }
      List<Token> left = core.subList(0, operator);
      List<Token> right = core.subList(operator + 1, core.size());
      if (hasClock(left) == hasClock(right)) {
        throw notCompared(condition);
      }
      List<Token> clock = hasClock(left) ? left : right;
      requireKnownClocks(clock);
      comparisons.add(new Comparison(this, hasClock(left) ? right : left, clock));
    }

    /** IS, IN, ANY, CASE and the like between the sides. */
    private static boolean hasOtherWords(List<Token> core) {
      int depth = 0;
      for (Token token : core) {
        depth += step(token);
        if (depth == 0
            && token.isKeyword()
            && !isClockWord(token)
            && !WITHIN_SIDES.contains(token.text())) {
          return true;
        }
      }
      return false;
    }

    private void requireKnownClocks(List<Token> clock) {
      for (int i = 0; i < clock.size(); i++) {
        if (isClockWord(clock.get(i)) && !isClock(clock, i)) {
          throw new UnsupportedQueryException(
              clock.get(i).text()
                  + " is compared: only now(), CURRENT_TIMESTAMP, CURRENT_DATE and LOCALTIMESTAMP"
                  + " are followed");
        }
      }
      if (clock.stream().anyMatch(token -> token.is("SELECT"))) {
        throw notCompared(clock);
      }
    }

    private UnsupportedQueryException notCompared(List<Token> condition) {
      return new UnsupportedQueryException(
          "the clock is not just compared with something in " + scalar(condition));
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
      List<Token> core = Conjuncts.withoutParentheses(tokens);
      return core.size() == 1
          ? Optional.ofNullable(holes.get(core.getFirst().text()))
          : Optional.empty();
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
      return written(part, false);
    }

    /** At the time of the frontier. */
    Scalar before(List<Token> part) {
      return written(part, true);
    }

    private Scalar written(List<Token> part, boolean before) {
      var parts = new ArrayList<Object>();
      int copied = part.getFirst().start();
      for (int i = 0; i < part.size(); i++) {
        Token token = part.get(i);
        ColumnRef ref = holes.get(token.text());
        int end = token.end();
        Object replacement = ref;
        if (ref == null && before && isClock(part, i)) {
          int last = argumentsEnd(part, i);
          replacement = atFrontier(token, part.subList(i + 1, last + 1));
          end = part.get(last).end();
          i = last;
        }
        if (replacement != null) {
          if (token.start() > copied) {
            parts.add(sql.substring(copied, token.start()));
          }
          parts.add(replacement);
          copied = end;
        }
      }
      if (part.getLast().end() > copied) {
        parts.add(sql.substring(copied, part.getLast().end()));
      }
      return Scalar.of(parts.toArray());
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
}
