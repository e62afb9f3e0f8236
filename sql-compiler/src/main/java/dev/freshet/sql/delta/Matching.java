package dev.freshet.sql.delta;

import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A correlated query that does no more than pick rows of one that is not: {@code Q(a) = π (σ
 * links(a) (core))}. Other than {@link Correlation} it says exactly which rows.
 *
 * @param links all conditions that read the outer row, over its columns and the core's
 * @param columns what the query's columns are over the core's
 */
record Matching(Operator core, List<Scalar> links, Map<ColumnRef, Scalar> columns) {
  Matching {
    links = List.copyOf(links);
  }

  /** The form, if the query has it. */
  static Optional<Matching> of(Operator query) {
    if (Trees.free(query).isEmpty()) {
      var same = new LinkedHashMap<ColumnRef, Scalar>();
      query.columns().forEach(c -> same.put(c, Scalar.column(c)));
      return Optional.of(new Matching(query, List.of(), same));
    }
    return switch (query) {
      case Filter(Operator input, Scalar condition) ->
          of(input).map(m -> m.where(List.of(condition)));
      case Project(Operator input, var outputs) -> of(input).map(m -> m.renamed(outputs));
      case Join(var inputs, var conditions) -> product(inputs).map(m -> m.where(conditions));
      default -> Optional.empty();
    };
  }

  private static Optional<Matching> product(List<Operator> inputs) {
    List<Operator> cores = new ArrayList<>();
    List<Scalar> links = new ArrayList<>();
    Map<ColumnRef, Scalar> columns = new LinkedHashMap<>();
    for (Operator input : inputs) {
      Optional<Matching> part = of(input);
      if (part.isEmpty()) {
        return Optional.empty();
      }
      cores.add(part.get().core);
      links.addAll(part.get().links);
      columns.putAll(part.get().columns);
    }
    Operator core = cores.size() == 1 ? cores.getFirst() : new Join(cores, List.of());
    return Optional.of(new Matching(core, links, columns));
  }

  private Matching where(List<Scalar> conditions) {
    Operator picked = core;
    var all = new ArrayList<>(links);
    for (Scalar condition : conditions) {
      Scalar meant = meant(condition);
      if (!core.columns().containsAll(meant.columns())) {
        all.add(meant);
      } else if (picked instanceof Join(var inputs, var own)) {
        var more = new ArrayList<>(own);
        more.add(meant);
        picked = new Join(inputs, more);
      } else {
        picked = new Filter(picked, meant);
      }
    }
    return new Matching(picked, all, columns);
  }

  private Scalar meant(Scalar scalar) {
    return scalar.map(ref -> columns.getOrDefault(ref, Scalar.column(ref)));
  }

  private Matching renamed(List<Named> outputs) {
    var renamed = new LinkedHashMap<ColumnRef, Scalar>();
    outputs.forEach(output -> renamed.put(output.as(), meant(output.value())));
    return new Matching(core, links, renamed);
  }

  /** The query over another core. */
  Operator over(Operator other) {
    List<Named> outputs = new ArrayList<>();
    columns.forEach((as, value) -> outputs.add(new Named(as, value)));
    return new Project(new Join(List.of(other), links), outputs);
  }

  /** The columns of the outer row that the links read. */
  List<ColumnRef> outer() {
    Set<ColumnRef> outer = new LinkedHashSet<>();
    links.forEach(link -> outer.addAll(link.columns()));
    core.columns().forEach(outer::remove);
    return List.copyOf(outer);
  }

  /** Calls over the core's columns, if they read nothing else. */
  Optional<List<Call>> meaning(List<Call> calls) {
    List<Call> meant = new ArrayList<>();
    for (Call call : calls) {
      AggregateCall value = call.value().map(ref -> columns.getOrDefault(ref, Scalar.column(ref)));
      if (!core.columns().containsAll(value.sql().columns())) {
        return Optional.empty();
      }
      meant.add(new Call(call.as(), value));
    }
    return Optional.of(meant);
  }
}
