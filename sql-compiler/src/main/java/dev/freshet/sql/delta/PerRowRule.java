package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * {@code Δ(Apply f_Q (A)) = Apply f_Q (ΔA) + (Apply f_Q − Apply f_Qᵒˡᵈ)(Aᵒˡᵈ ⋉ touched)}, where
 * touched are the rows whose sub-query reads something that changed ({@link Correlation}).
 */
final class PerRowRule {
  private final Differentiation deltas;
  private final Steps steps;
  private final ZSets zsets;
  private final BothStates states;
  private final JoinKeys joinKeys;
  private final Touches touches;
  private final SubQueries subQueries;

  PerRowRule(
      Differentiation deltas,
      Steps steps,
      ZSets zsets,
      BothStates states,
      JoinKeys joinKeys,
      Touches touches,
      SubQueries subQueries) {
    this.deltas = deltas;
    this.steps = steps;
    this.zsets = zsets;
    this.states = states;
    this.joinKeys = joinKeys;
    this.touches = touches;
    this.subQueries = subQueries;
  }

  /** A sub-query: one more column. */
  Optional<Weighted> apply(Apply apply) {
    return perRow(
        apply.input(),
        apply.query(),
        Correlation.of(apply.query()),
        (rows, query) -> new Apply(rows, apply.as(), apply.before(), query),
        () -> states.before(apply),
        () -> subQueries.flips(apply.input(), apply),
        rows -> subQueries.changes(apply, rows));
  }

  /** A right side: any number of rows. */
  Optional<Weighted> lateral(Lateral lateral) {
    return perRow(
        lateral.input(),
        lateral.right(),
        Correlation.of(Trees.filtered(lateral.right(), lateral.conditions())),
        (rows, right) -> new Lateral(rows, right, lateral.outer(), lateral.conditions()),
        () -> states.plain(lateral.right()),
        Optional::empty,
        _ -> Optional.empty());
  }

  private interface PerRow {
    Operator of(Operator rows, Operator query);
  }

  private Optional<Weighted> perRow(
      Operator input,
      Operator query,
      List<Correlation> correlations,
      PerRow operator,
      Supplier<Operator> old,
      Supplier<Optional<List<Weighted>>> byValues,
      Function<Weighted, Optional<List<Weighted>>> together) {
    List<Weighted> terms = new ArrayList<>();
    boolean moves = deltas.isChanged(query);
    deltas.of(input).ifPresent(delta -> terms.add(forDelta(operator, delta, query)));
    if (moves) {
      terms.addAll(
          byValues
              .get()
              .orElseGet(() -> touched(input, query, correlations, operator, old, together)));
    }
    if (terms.isEmpty()) {
      return Optional.empty();
    }
    List<ColumnRef> columns = operator.of(input, query).columns();
    return Optional.of(zsets.sum(ZSets.ordered(terms, columns)));
  }

  private List<Weighted> touched(
      Operator input,
      Operator query,
      List<Correlation> correlations,
      PerRow operator,
      Supplier<Operator> old,
      Function<Weighted, Optional<List<Weighted>>> together) {
    Weighted rows = steps.shared(zsets.weighted(touches.touched(input, correlations)));
    return together
        .apply(rows)
        .orElseGet(
            () ->
                List.of(
                    applied(operator, rows, query),
                    zsets.negated(applied(operator, rows, old.get()))));
  }

  /** A sub-query that the planner cannot look into is restricted to what it is asked for. */
  private Weighted forDelta(PerRow operator, Weighted delta, Operator query) {
    Optional<Matching> opaque =
        Matching.of(query).filter(m -> !Restriction.isTransparent(m.core()));
    Weighted rows =
        deltas.isChanged(query) || opaque.isPresent() ? steps.sharedUnlessPlain(delta) : delta;
    return applied(
        operator,
        rows,
        opaque.map(m -> m.over(joinKeys.meeting(m.core(), rows.tree(), m.links()))).orElse(query));
  }

  private static Weighted applied(PerRow operator, Weighted rows, Operator query) {
    return new Weighted(operator.of(rows.tree(), query), rows.weight(), List.of());
  }
}
