package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * {@code side ⋚ clock}, or {@code clock − column ⋚ constant}.
 *
 * @param other the side without the clock
 * @param clock the side with it
 */
record ClockComparison(ClockText text, List<Token> other, List<Token> clock) {
  private static final Set<String> COMPARISONS = Set.of("<", "<=", ">", ">=", "=", "<>");

  /** Keywords that may stand in a side of a comparison, outside of all parentheses. */
  private static final Set<String> WITHIN_SIDES =
      Set.of("AT", "TIME", "ZONE", "COALESCE", "GREATEST", "LEAST", "NULLIF", "EXTRACT");

  /** Of instants, hours, minutes and seconds are exact; a day or a month is not. */
  private static final Pattern EXACT = Pattern.compile("'-?\\d+:\\d\\d:\\d\\d(\\.\\d+)?'");

  private static final Pattern DAYS =
      Pattern.compile("'-?\\d+ days?( -?\\d+:\\d\\d:\\d\\d(\\.\\d+)?)?'");

  /** By how much a date can miss what adding and then subtracting days and months gives. */
  private static final String SLACK = "'5 days'::interval";

  /** A column and between what it lies where a comparison changes its truth. */
  record Range(ColumnRef column, Scalar condition) {}

  /** Every comparison that reads the clock; OR, AND and NOT may connect them. */
  static void collect(ClockText text, List<Token> condition, List<ClockComparison> comparisons) {
    if (!ClockText.hasClock(condition)) {
      return;
    }
    List<Token> core = TokenLists.core(condition);
    for (String keyword : List.of("OR", "AND")) {
      List<List<Token>> parts = text.split(keyword, core);
      if (parts.size() > 1) {
        parts.forEach(part -> collect(text, part, comparisons));
        return;
      }
    }
    if (core.getFirst().is("NOT")) {
      collect(text, core.subList(1, core.size()), comparisons);
      return;
    }
    int operator = ClockText.topLevel(core, COMPARISONS);
    if (operator <= 0 || operator == core.size() - 1 || hasOtherWords(core)) {
      throw notCompared(text, condition);
    }
    List<Token> left = core.subList(0, operator);
    List<Token> right = core.subList(operator + 1, core.size());
    if (ClockText.hasClock(left) == ClockText.hasClock(right)) {
      throw notCompared(text, condition);
    }
    List<Token> clock = ClockText.hasClock(left) ? left : right;
    requireKnownClocks(text, clock);
    comparisons.add(new ClockComparison(text, ClockText.hasClock(left) ? right : left, clock));
  }

  /** IS, IN, ANY, CASE and the like between the sides. */
  private static boolean hasOtherWords(List<Token> core) {
    int depth = 0;
    for (Token token : core) {
      depth += TokenLists.step(token);
      if (depth == 0
          && token.isKeyword()
          && !ClockText.isClockWord(token)
          && !WITHIN_SIDES.contains(token.text())) {
        return true;
      }
    }
    return false;
  }

  private static void requireKnownClocks(ClockText text, List<Token> clock) {
    for (int i = 0; i < clock.size(); i++) {
      if (ClockText.isClockWord(clock.get(i)) && !ClockText.isClock(clock, i)) {
        throw new UnsupportedQueryException(
            clock.get(i).text()
                + " is compared: only now(), CURRENT_TIMESTAMP, CURRENT_DATE and LOCALTIMESTAMP"
                + " are followed");
      }
    }
    if (clock.stream().anyMatch(token -> token.is("SELECT"))) {
      throw notCompared(text, clock);
    }
  }

  private static UnsupportedQueryException notCompared(ClockText text, List<Token> condition) {
    return new UnsupportedQueryException(
        "the clock is not just compared with something in " + text.scalar(condition));
  }

  /** Empty if nothing better than every row is known. */
  Optional<Range> range(Predicate<ColumnRef> instants) {
    List<Token> side = TokenLists.core(other);
    if (text.columns(clock).isEmpty()) {
      return text.isHarmless(clock) ? ofColumn(side, instants) : Optional.empty();
    }
    return ofDifference(TokenLists.core(clock), side);
  }

  /** f(column) ⋚ e(t). */
  private Optional<Range> ofColumn(List<Token> side, Predicate<ColumnRef> instants) {
    Scalar low = text.either("LEAST(", clock);
    Scalar high = text.either("GREATEST(", clock);
    Optional<ColumnRef> column = text.column(side);
    if (column.isPresent()) {
      return range(column.get(), low, "", high, "");
    }
    if (ClockText.isCast(side, "date")) {
      // Midnight of the day after is at most 48 hours later, wherever clocks are set.
      return text.column(side.subList(0, side.size() - 2))
          .flatMap(c -> range(c, low, " - '1 day'::interval", high, " + '2 days'::interval"));
    }
    Optional<ClockText.Sum> sum = text.sum(side);
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
    int minus = ClockText.topLevel(difference, Set.of("-"));
    if (minus <= 0) {
      return Optional.empty();
    }
    List<Token> minuend = difference.subList(0, minus);
    Optional<ColumnRef> column =
        text.column(TokenLists.core(difference.subList(minus + 1, difference.size())));
    if (column.isEmpty() || !text.columns(minuend).isEmpty() || !text.isHarmless(minuend)) {
      return Optional.empty();
    }
    String literal = constant.getFirst().text();
    boolean number = constant.size() == 1 && constant.getFirst().kind() == Token.Kind.NUMBER;
    boolean exact = number || EXACT.matcher(literal).matches();
    boolean interval = ClockText.isCast(constant, "interval") && constant.size() == 3;
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
            : TokenLists.core(clock)
                .subList(0, ClockText.topLevel(TokenLists.core(clock), Set.of("-")));
    return Scalar.of("(", text.scalar(bound).grouped(), " <> ", text.before(bound).grouped(), ")");
  }
}
