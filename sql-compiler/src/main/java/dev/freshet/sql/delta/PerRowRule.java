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

  /** What is evaluated for each row. */
  private interface PerRow {
    Operator of(Operator rows, Operator query);

    /** The query at the old state. */
    Operator old();

    /** The changes for all rows of the input, if it is told by values which these are. */
    default Optional<List<Weighted>> changes() {
      return Optional.empty();
    }

    /** The changes for given rows, if there is a law for all of them together. */
    default Optional<List<Weighted>> changes(Weighted rows) {
      return Optional.empty();
    }
  }

  /** A sub-query: one more column. */
  Optional<Weighted> apply(Apply apply) {
    var perRow =
        new PerRow() {
          @Override
          public Operator of(Operator rows, Operator query) {
            return new Apply(rows, apply.as(), apply.before(), query);
          }

          @Override
          public Operator old() {
            return states.before(apply);
          }

          @Override
          public Optional<List<Weighted>> changes() {
            return subQueries.flips(apply);
          }

          @Override
          public Optional<List<Weighted>> changes(Weighted rows) {
            return subQueries.changes(apply, rows);
          }
        };
    return delta(apply.input(), apply.query(), Correlation.of(apply.query()), perRow);
  }

  /** A right side: any number of rows. */
  Optional<Weighted> lateral(Lateral lateral) {
    var perRow =
        new PerRow() {
          @Override
          public Operator of(Operator rows, Operator right) {
            return new Lateral(rows, right, lateral.outer(), lateral.conditions());
          }

          @Override
          public Operator old() {
            return states.plain(lateral.right());
          }
        };
    Operator asked = Trees.filtered(lateral.right(), lateral.conditions());
    return delta(lateral.input(), lateral.right(), Correlation.of(asked), perRow);
  }

  private Optional<Weighted> delta(
      Operator input, Operator query, List<Correlation> correlations, PerRow perRow) {
    List<Weighted> terms = new ArrayList<>();
    deltas.of(input).ifPresent(delta -> terms.add(forDelta(perRow, delta, query)));
    if (deltas.isChanged(query)) {
      terms.addAll(perRow.changes().orElseGet(() -> touched(input, query, correlations, perRow)));
    }
    if (terms.isEmpty()) {
      return Optional.empty();
    }
    List<ColumnRef> columns = perRow.of(input, query).columns();
    return Optional.of(zsets.sum(ZSets.ordered(terms, columns)));
  }

  private List<Weighted> touched(
      Operator input, Operator query, List<Correlation> correlations, PerRow perRow) {
    Weighted rows = steps.shared(zsets.weighted(touches.touched(input, correlations)));
    return perRow
        .changes(rows)
        .orElseGet(
            () ->
                List.of(
                    applied(perRow, rows, query),
                    zsets.negated(applied(perRow, rows, perRow.old()))));
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
