package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which rows of a tree changes of what is evaluated for them concern: {@code A ⋉ touched}. */
final class Touches {
  private final Differentiation deltas;
  private final Steps steps;
  private final Restriction restriction;
  private final ZSets zsets;
  private final BothStates states;
  private final JoinKeys joinKeys;

  Touches(
      Differentiation deltas,
      Steps steps,
      Restriction restriction,
      ZSets zsets,
      BothStates states,
      JoinKeys joinKeys) {
    this.deltas = deltas;
    this.steps = steps;
    this.restriction = restriction;
    this.zsets = zsets;
    this.states = states;
    this.joinKeys = joinKeys;
  }

  /** The rows of the old state that one of the alternatives concerns, each once. */
  Weighted touched(Operator tree, List<Correlation> alternatives) {
    List<Weighted> terms = new ArrayList<>();
    List<Touch> earlier = new ArrayList<>();
    for (Touch touch : touches(tree, alternatives)) {
      Weighted state =
          touch.keys().isEmpty()
              ? states.before(tree)
              : states.before(tree, t -> touch.restricted(restriction, t));
      for (Touch other : earlier) {
        state = meets(state, other, true);
      }
      terms.add(touch.keys().isEmpty() ? meets(state, touch, false) : state);
      earlier.add(touch);
    }
    if (terms.isEmpty()) {
      throw new IllegalStateException("nothing changed beneath " + alternatives);
    }
    return zsets.sum(terms.stream().map(zsets::weighted).toList());
  }

  /** Alternatives that are told by the same expressions become one. */
  List<Touch> touches(Operator tree, List<Correlation> alternatives) {
    Map<List<Scalar>, Gathered> byKeys = new LinkedHashMap<>();
    List<Touch> unlinked = new ArrayList<>();
    List<Component> parts =
        alternatives.stream()
            .flatMap(c -> components(tree, c.core(), c.links()).stream())
            .distinct()
            .toList();
    for (Component part : parts) {
      Optional<Weighted> delta = deltas.of(part.core()).map(steps::sharedUnlessPlain);
      if (delta.isEmpty()) {
        continue;
      }
      JoinKeys.Sides sides = joinKeys.sides(part.links(), tree, part.core());
      if (sides.ours().isEmpty()) {
        Operator needed = linked(part, delta.get().tree());
        unlinked.add(new Touch(List.of(), Optional.empty(), needed, part.links()));
      } else {
        Gathered gathered = byKeys.computeIfAbsent(sides.ours(), _ -> new Gathered(sides.types()));
        gathered.deltas().add(delta.get().tree());
        gathered.values().add(sides.theirs());
      }
    }
    List<Touch> all = new ArrayList<>();
    byKeys.forEach(
        (ours, gathered) -> {
          all.add(Touch.of(ours, gathered.keys(steps)));
        });
    all.addAll(unlinked);
    return all;
  }

  /** Each part of a core by itself, if all parts that changed tell which rows they concern. */
  private List<Component> components(Operator tree, Operator core, List<Scalar> links) {
    List<Component> parts = Component.of(core, links);
    boolean linked =
        parts.stream()
            .filter(part -> deltas.isChanged(part.core()))
            .noneMatch(part -> joinKeys.sides(part.links(), tree, part.core()).ours().isEmpty());
    return linked ? parts : List.of(new Component(core, links));
  }

  /** The columns of a delta that the links read, each row once. */
  private Operator linked(Component part, Operator delta) {
    var columns = new LinkedHashSet<ColumnRef>();
    part.links().forEach(link -> columns.addAll(link.columns()));
    columns.retainAll(delta.columns());
    return steps.bind("rows", new Project(delta, columns.stream().map(Named::same).toList()));
  }

  /** The values in deltas that the same expressions of a tree equal. */
  private record Gathered(List<Operator> deltas, List<List<Scalar>> values, List<Typed> types) {
    Gathered(List<Typed> types) {
      this(new ArrayList<>(), new ArrayList<>(), types);
    }

    Keys keys(Steps steps) {
      return Keys.of(steps, deltas, values, types);
    }
  }

  /** The rows of a tree that a touch concerns, or does not concern. */
  Operator meeting(Operator tree, Touch touch, boolean not) {
    return meets(new Weighted(tree, Optional.empty(), List.of()), touch, not).tree();
  }

  /** The rows of a Z-set that a touch concerns, or does not concern. */
  private Weighted meets(Weighted zset, Touch touch, boolean not) {
    var met = new ColumnRef(steps.fresh("e"), "met");
    Operator asked;
    if (touch.keys().isPresent()) {
      Bound keys = steps.again(touch.keys().get().relation());
      Scalar match = touch.keys().get().match(touch.expressions(), keys);
      asked = new Filter(keys, match);
    } else {
      List<Scalar> links =
          touch.links().stream()
              .filter(
                  link ->
                      link.columns().stream()
                          .allMatch(
                              c ->
                                  touch.rows().columns().contains(c)
                                      || zset.tree().columns().contains(c)))
              .toList();
      asked = Trees.filtered(touch.rows(), links);
    }
    Operator apply = new Apply(zset.tree(), met, Scalar.of("EXISTS "), asked);
    Operator kept = new Filter(apply, Scalar.of((not ? "NOT " : ""), met));
    return new Weighted(Trees.narrowed(kept, zset.tree().columns()), zset.weight(), List.of());
  }
}
