package dev.freshet.sql.delta;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Weighted;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The relations that a delta is computed from, each once, in order: common table expressions of the
 * statement. Also the source of names that nothing else has.
 */
public final class Steps {
  private final Map<String, Operator> steps = new LinkedHashMap<>();
  private final Map<Operator, Bound> known = new LinkedHashMap<>();
  private int names;

  /** The relations by name, in the order in which they are computed. */
  public Map<String, Operator> all() {
    return Collections.unmodifiableMap(steps);
  }

  /** A relation name that nothing else has. */
  String fresh(String stem) {
    return "__freshet_" + stem + ++names;
  }

  /** A weight column that no other relation has. */
  ColumnRef weight() {
    return Weighted.weightOf("w" + ++names);
  }

  /** The tree as a relation that is computed once, its columns as they are. */
  Bound bind(String stem, Operator tree) {
    if (tree instanceof Bound bound) {
      return bound;
    }
    return known.computeIfAbsent(
        tree,
        _ -> {
          String name = fresh(stem);
          steps.put(name, tree);
          return new Bound(name, tree.columns());
        });
  }

  /** The same relation once more, under columns of its own. */
  Bound again(Bound bound) {
    String relation = fresh("r");
    List<ColumnRef> columns =
        bound.columns().stream().map(c -> new ColumnRef(relation, c.column())).toList();
    return new Bound(bound.name(), columns);
  }

  /** A Z-set that is used more than once, unless it is a delta relation or little more. */
  Weighted sharedUnlessPlain(Weighted zset) {
    boolean plain =
        Trees.all(zset.tree())
            .allMatch(
                o ->
                    o instanceof Operator.Delta
                        || o instanceof Operator.Bound
                        || o instanceof Operator.Filter
                        || o instanceof Operator.Project);
    return plain ? zset : shared(zset);
  }

  /** A Z-set that is used more than once. */
  Weighted shared(Weighted zset) {
    return new Weighted(bind("delta", zset.tree()), zset.weight(), zset.measures());
  }
}
