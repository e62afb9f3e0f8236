package dev.freshet.sql.maintain;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A query as {@code π outputs (σ conditions (core))}, where core is neither a projection nor a
 * filter. Laws: {@code π f (π g (A)) = π f∘g (A)}; {@code σ p (π g (A)) = π g (σ p∘g (A))}.
 *
 * @param conditions over the core's columns; all must be true
 * @param outputs over the core's columns
 */
record Topped(Operator core, List<Scalar> conditions, List<Named> outputs) {
  Topped {
    conditions = List.copyOf(conditions);
    outputs = List.copyOf(outputs);
  }

  static Topped of(Operator tree) {
    Operator core = tree;
    List<Scalar> conditions = new ArrayList<>();
    List<Named> outputs = tree.columns().stream().map(Named::same).toList();
    while (true) {
      switch (core) {
        case Filter(Operator input, Scalar condition) -> {
          conditions.add(condition);
          core = input;
        }
        case Project(Operator input, var values) -> {
          Function<ColumnRef, Scalar> meaning = meanings(values);
          conditions.replaceAll(c -> c.map(meaning));
          outputs = outputs.stream().map(o -> new Named(o.as(), o.value().map(meaning))).toList();
          core = input;
        }
        default -> {
          return new Topped(core, conditions.reversed(), outputs);
        }
      }
    }
  }

  private static Function<ColumnRef, Scalar> meanings(List<Named> values) {
    Map<ColumnRef, Scalar> meanings = new HashMap<>();
    values.forEach(value -> meanings.put(value.as(), value.value()));
    return ref -> meanings.getOrDefault(ref, Scalar.column(ref));
  }
}
