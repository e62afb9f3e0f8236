package dev.freshet.sql.tree;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A call of an aggregate function.
 *
 * @param function its name, {@code count} …
 * @param argument the argument of a call with exactly one
 * @param filter the condition of FILTER (WHERE …)
 * @param plain neither DISTINCT, ORDER BY nor WITHIN GROUP, and at most one argument: the call is
 *     told by function, argument and filter alone
 * @param sql the whole call
 */
public record AggregateCall(
    String function,
    Optional<Scalar> argument,
    Optional<Scalar> filter,
    boolean plain,
    Scalar sql) {

  /** {@code function(argument) FILTER (WHERE filter)}; without argument {@code function(*)}. */
  public static AggregateCall of(
      String function, Optional<Scalar> argument, Optional<Scalar> filter) {
    var parts = new ArrayList<Object>(List.of(function + "("));
    argument.ifPresentOrElse(parts::add, () -> parts.add("*"));
    parts.add(")");
    filter.ifPresent(condition -> parts.addAll(List.of(" FILTER (WHERE ", condition, ")")));
    return new AggregateCall(function, argument, filter, true, Scalar.of(parts.toArray()));
  }

  public static AggregateCall countRows() {
    return of("count", Optional.empty(), Optional.empty());
  }

  /** A call that is only ever printed. */
  public static AggregateCall opaque(String function, Scalar sql) {
    return new AggregateCall(function, Optional.empty(), Optional.empty(), false, sql);
  }

  public boolean isCountRows() {
    return plain && function.equals("count") && argument.isEmpty() && filter.isEmpty();
  }

  public AggregateCall map(Function<ColumnRef, Scalar> substitution) {
    return new AggregateCall(
        function,
        argument.map(a -> a.map(substitution)),
        filter.map(f -> f.map(substitution)),
        plain,
        sql.map(substitution));
  }

  @Override
  public String toString() {
    return sql.toString();
  }
}
