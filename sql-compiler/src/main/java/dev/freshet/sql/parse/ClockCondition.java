package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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

  public ClockCondition {
    columns = List.copyOf(columns);
  }

  /** Whether the expression reads the clock in one of the spellings that are understood. */
  public static boolean readsClock(Scalar scalar) {
    return mentionsClock(scalar)
        && new ClockText(scalar).tokens().stream().anyMatch(ClockText::isClockWord);
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
    ClockText text = new ClockText(condition);
    List<List<Token>> parts = text.split("AND", text.tokens());
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
    ClockText text = new ClockText(condition);
    var comparisons = new ArrayList<ClockComparison>();
    ClockComparison.collect(text, text.tokens(), comparisons);
    var windows = new ArrayList<Scalar>();
    var columns = new ArrayList<ColumnRef>();
    boolean ranged = true;
    for (ClockComparison comparison : comparisons) {
      Optional<ClockComparison.Range> range = comparison.range(instants);
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
        text.before(text.tokens()),
        ranged ? Scalar.join(" OR ", windows, "FALSE") : Scalar.of("TRUE"),
        ranged ? columns : List.of());
  }

  @Override
  public String toString() {
    return now.toString();
  }
}
