package dev.freshet.sql.delta;

import dev.freshet.sql.tree.AggregateCall;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * {@code (Apply f_Q − Apply f_Qᵒˡᵈ)(A)}: how the values of a correlated sub-query change for given
 * rows, for all of them together. Evaluated for each row by itself, a sub-query would read the
 * whole delta once per row to know its old state.
 *
 * <p>Laws, for {@code Q(a) = σ links(a) (C)} and D the distinct values of a that the links read:
 * let m = Σ weight of {@code D ⋈ links ΔC} per value; EXISTS(Q) changes only where m ≠ 0, to n &gt;
 * 0 from n − m &gt; 0, with n the rows that match now. For an aggregate without groups, {@code
 * f(Q)} for all of D is γ per value of {@code N = D ⋈ links C}, and of {@code N − D ⋈ links ΔC}
 * before; a value without a row has what the aggregate is of no rows.
 */
final class SubQueries {
  private static final Set<String> NULL_OF_NOTHING = Set.of("sum", "avg", "min", "max");

  private static final Set<String> TEXT = Set.of("text", "varchar", "bpchar", "name");

  private final Differentiation deltas;
  private final Steps steps;
  private final Types types;
  private final Restriction restriction;
  private final ZSets zsets;
  private final BothStates states;
  private final JoinKeys joinKeys;

  SubQueries(
      Differentiation deltas,
      Steps steps,
      Types types,
      Restriction restriction,
      ZSets zsets,
      BothStates states,
      JoinKeys joinKeys) {
    this.deltas = deltas;
    this.steps = steps;
    this.types = types;
    this.restriction = restriction;
    this.zsets = zsets;
    this.states = states;
    this.joinKeys = joinKeys;
  }

  /**
   * The changes of EXISTS for all rows of a tree, if it asks for equal values and nothing else:
   * whether they are there changes for values, and only the rows that have one of these are read. A
   * row of A whose partners come and go, but for one, is not.
   *
   * <p>Law: with values k of ΔC, m and n as above for each k, sign ±1 for those where it changes:
   * {@code Aᵒˡᵈ ⋈ a = k (k, sign)}.
   */
  Optional<List<Weighted>> flips(Apply apply) {
    if (!Pruning.asksForRows(apply.before())) {
      return Optional.empty();
    }
    Optional<Matching> query =
        Matching.of(apply.query())
            .filter(q -> !q.links().isEmpty() && !isProduct(apply.input(), q));
    Optional<Weighted> change = query.flatMap(q -> deltas.of(q.core()));
    if (change.isEmpty()) {
      return Optional.empty();
    }
    Operator input = apply.input();
    Operator core = query.get().core();
    JoinKeys.Sides sides = joinKeys.sides(query.get().links(), input, core);
    if (sides.ours().size() < query.get().links().size() || mayCollate(sides, input, core)) {
      return Optional.empty();
    }
    String relation = steps.fresh("e");
    List<Named> values = numbered(relation, sides.theirs());
    List<ColumnRef> columns = values.stream().map(Named::as).toList();
    Scalar match = new Keys(new Bound("", columns), sides.types()).match(sides.theirs(), columns);
    Weighted delta = steps.sharedUnlessPlain(change.get());
    Bound flips = flips(relation, delta, values, new Join(List.of(core), List.of(match)));
    var keys = new Keys(flips, sides.types());
    Weighted rows =
        zsets.weighted(states.before(input, t -> restriction.of(t, sides.ours(), keys)));
    return Optional.of(flipped(apply, rows, flips, keys.match(sides.ours(), flips.columns())));
  }

  /** Whether two parts of it are linked, each by itself. */
  private boolean isProduct(Operator input, Matching query) {
    return Component.of(query.core(), query.links()).stream()
            .filter(part -> !joinKeys.sides(part.links(), input, part.core()).ours().isEmpty())
            .count()
        > 1;
  }

  /** Collations differ in what is equal, and the sides may have two. */
  private static boolean mayCollate(JoinKeys.Sides sides, Operator input, Operator core) {
    boolean text = sides.types().stream().anyMatch(t -> TEXT.contains(t.type().base()));
    return text
        && (Stream.concat(sides.ours().stream(), sides.theirs().stream())
                .anyMatch(side -> side.toString().contains("COLLATE"))
            || Stream.of(input, core)
                .flatMap(tree -> Trees.scans(tree).stream())
                .flatMap(scan -> scan.table().columns().stream())
                .anyMatch(column -> column.collation().isPresent()));
  }

  /** The changes, if the sub-query has a form for which there is a law. */
  Optional<List<Weighted>> changes(Apply apply, Weighted rows) {
    return Pruning.asksForRows(apply.before())
        ? Matching.of(apply.query()).flatMap(q -> links(q, rows)).map(l -> flips(apply, rows, l))
        : aggregates(apply, rows);
  }

  /**
   * What the rows are linked by.
   *
   * @param outer the columns of the rows that the links read
   * @param values their distinct values
   * @param at those under the columns' own names
   * @param change what is linked to these values and changed: {@code D ⋈ links ΔC}
   */
  private record Links(
      Operator core,
      List<Scalar> outer,
      Keys values,
      Operator at,
      List<Scalar> conditions,
      Weighted change) {}

  private Optional<Links> links(Matching query, Weighted rows) {
    List<ColumnRef> outer = query.outer();
    if (outer.isEmpty()
        || !rows.plainColumns().containsAll(outer)
        || !deltas.isChanged(query.core())) {
      return Optional.empty();
    }
    List<Scalar> scalars = outer.stream().map(Scalar::column).toList();
    List<Typed> columns = outer.stream().map(types::of).toList();
    Keys values = Keys.of(steps, List.of(rows.tree()), List.of(scalars), columns);
    Bound keys = steps.again(values.relation());
    List<Named> names = new ArrayList<>();
    for (int i = 0; i < outer.size(); i++) {
      names.add(new Named(outer.get(i), Scalar.column(keys.columns().get(i))));
    }
    var at = new Project(keys, names);
    return change(at, query)
        .map(change -> new Links(query.core(), scalars, values, at, query.links(), change));
  }

  /**
   * {@code D ⋈ links ΔC}. Where C is a product of parts that only the links connect, D takes part
   * in each term of the delta of all of them: {@code Δ(D ⋈ links (C₁ × C₂))}, D as it is.
   */
  private Optional<Weighted> change(Operator at, Matching query) {
    Operator core = query.core();
    if (Component.of(core, query.links()).size() == 1) {
      return deltas
          .of(core)
          .map(steps::sharedUnlessPlain)
          .map(
              change ->
                  new Weighted(
                      new Join(List.of(at, change.tree()), query.links()),
                      change.weight(),
                      List.of()));
    }
    JoinBlock block = JoinBlock.of(core);
    List<Operator> inputs = new ArrayList<>(List.of(at));
    inputs.addAll(block.leaves());
    List<Scalar> conditions = new ArrayList<>(block.conditions());
    query.links().forEach(link -> conditions.add(JoinBlock.mapped(link, block.columns())));
    List<Named> outputs = new ArrayList<>();
    at.columns().forEach(column -> outputs.add(Named.same(column)));
    core.columns()
        .forEach(
            column ->
                outputs.add(
                    new Named(
                        column, block.columns().getOrDefault(column, Scalar.column(column)))));
    return deltas.of(new Join(inputs, conditions)).map(delta -> ZSets.projected(delta, outputs));
  }

  /** The rows for which EXISTS changes: once more with the new value, once less with the old. */
  private List<Weighted> flips(Apply apply, Weighted rows, Links links) {
    String relation = steps.fresh("e");
    List<Named> values = numbered(relation, links.outer());
    Map<ColumnRef, Scalar> renamed = new HashMap<>();
    values.forEach(v -> renamed.put(v.value().asColumn().orElseThrow(), Scalar.column(v.as())));
    List<Scalar> conditions =
        links.conditions().stream()
            .map(c -> c.map(ref -> renamed.getOrDefault(ref, Scalar.column(ref))))
            .toList();
    Bound flips =
        flips(relation, links.change(), values, new Join(List.of(links.core()), conditions));
    return flipped(apply, rows, flips, match(links, flips.columns()));
  }

  /**
   * For which values it changes whether anything matches them: the values and the sign.
   *
   * @param change with the values
   * @param matching what matches them now, over their names
   */
  private Bound flips(String relation, Weighted change, List<Named> values, Operator matching) {
    var moved = new ColumnRef(relation, "moved");
    var present = new ColumnRef(relation, "present");
    Scalar total = Scalar.of("sum(", change.weightOrOne(), ")::bigint");
    Operator sums =
        new Aggregate(
            change.tree(), values, List.of(new Call(moved, AggregateCall.opaque("sum", total))));
    Operator counted =
        new Lateral(notZero(sums, moved), upTo(matching, moved, present), false, List.of());
    Operator flipped =
        new Filter(counted, Scalar.of("(", present, " > 0) <> (", present, " > ", moved, ")"));
    List<Named> outputs = new ArrayList<>();
    values.forEach(value -> outputs.add(Named.same(value.as())));
    outputs.add(
        new Named(
            new ColumnRef(relation, "sign"),
            Scalar.of("CASE WHEN ", present, " > 0 THEN 1::bigint ELSE -1::bigint END")));
    return steps.again(steps.bind("flips", new Project(flipped, outputs)));
  }

  /**
   * The rows that have one of the values: once more with the new answer, once less with the old.
   */
  private List<Weighted> flipped(Apply apply, Weighted rows, Bound flips, Scalar match) {
    Operator met = new Join(List.of(rows.tree(), flips), List.of(match));
    ColumnRef signed = flips.columns().getLast();
    ColumnRef weight = steps.weight();
    var columns = new ArrayList<>(rows.plainColumns().stream().map(Named::same).toList());
    columns.add(new Named(weight, Scalar.of("(", rows.weightOrOne(), " * ", signed, ")")));
    Bound changed = steps.bind("flipped", new Project(met, columns));
    return List.of(
        valued(changed, weight, apply.as(), "TRUE", ""),
        valued(changed, weight, apply.as(), "FALSE", "-"));
  }

  private static List<Named> numbered(String relation, List<Scalar> values) {
    List<Named> numbered = new ArrayList<>();
    for (Scalar value : values) {
      numbered.add(new Named(new ColumnRef(relation, "k" + (numbered.size() + 1)), value));
    }
    return numbered;
  }

  private static Operator notZero(Operator sums, ColumnRef moved) {
    return new Filter(sums, Scalar.of(moved, " <> 0"));
  }

  /**
   * How many rows match now, counted no further than it takes to know whether any did before. Read
   * as a row and not as a value, which PostgreSQL would count anew wherever it is used.
   */
  private static Operator upTo(Operator matching, ColumnRef moved, ColumnRef present) {
    Operator some =
        new Limit(
            Trees.narrowed(matching, List.of()),
            List.of(),
            Optional.of(Scalar.of("GREATEST(", moved, ", 0) + 1")),
            Optional.empty(),
            false);
    return new Aggregate(some, List.of(), List.of(new Call(present, AggregateCall.countRows())));
  }

  private Weighted valued(
      Bound rows, ColumnRef weight, ColumnRef as, String value, String negative) {
    ColumnRef signed = steps.weight();
    var outputs = new ArrayList<Named>();
    rows.columns().stream().filter(c -> !c.equals(weight)).map(Named::same).forEach(outputs::add);
    outputs.add(new Named(as, Scalar.of(value)));
    outputs.add(new Named(signed, Scalar.of(negative, weight)));
    return new Weighted(new Project(rows, outputs), Optional.of(signed), List.of());
  }

  /** The rows' columns equal the first columns of a relation. */
  private static Scalar match(Links links, List<ColumnRef> columns) {
    return links
        .values()
        .match(links.outer(), new Bound("", columns.subList(0, links.outer().size())));
  }

  /**
   * An aggregate over all matching rows.
   *
   * @param value over the calls
   */
  private record Total(Scalar value, List<Call> calls, Matching query) {}

  private Optional<List<Weighted>> aggregates(Apply apply, Weighted rows) {
    if (!apply.before().toString().isBlank()) {
      return Optional.empty();
    }
    return total(apply.query())
        .flatMap(t -> links(t.query(), rows).map(links -> recomputed(apply, rows, t, links)));
  }

  private static Optional<Total> total(Operator query) {
    if (query.columns().size() != 1) {
      return Optional.empty();
    }
    Scalar value = Scalar.column(query.columns().getFirst());
    Operator tree = query;
    while (tree instanceof Project(Operator input, var outputs)) {
      Map<ColumnRef, Scalar> values = new HashMap<>();
      outputs.forEach(output -> values.put(output.as(), output.value()));
      value = value.map(ref -> values.getOrDefault(ref, Scalar.column(ref)));
      tree = input;
    }
    if (!(tree instanceof Aggregate(Operator input, var groups, var calls)) || !groups.isEmpty()) {
      return Optional.empty();
    }
    boolean known =
        calls.stream()
            .allMatch(
                c ->
                    c.value().plain()
                        && (c.value().function().equals("count")
                            || NULL_OF_NOTHING.contains(c.value().function())));
    boolean alone = tree.columns().containsAll(value.columns());
    Scalar whole = value;
    return known && alone
        ? Matching.of(input).flatMap(q -> q.meaning(calls).map(meant -> new Total(whole, meant, q)))
        : Optional.empty();
  }

  private List<Weighted> recomputed(Apply apply, Weighted rows, Total total, Links links) {
    Set<ColumnRef> read = new LinkedHashSet<>(links.at().columns());
    total.calls().forEach(call -> read.addAll(call.value().sql().columns()));
    Operator core =
        restriction.followed(
            links.core(),
            links.conditions(),
            links.at().columns().stream().map(Scalar::column).toList(),
            links.values().ofJoin());
    Operator matching = new Join(List.of(links.at(), core), links.conditions());
    Bound now = steps.bind("now", Trees.narrowed(matching, List.copyOf(read)));
    ColumnRef weight = links.change().weight().orElseThrow();
    var kept = new ArrayList<>(read);
    kept.add(weight);
    Operator moved = Trees.narrowed(links.change().tree(), kept);
    var change = new Weighted(moved, Optional.of(weight), List.of());
    Operator before = states.copies(states.without(now, change));
    return List.of(
        looked(apply, rows, total, links, now),
        zsets.negated(looked(apply, rows, total, links, before)));
  }

  /** The rows with the aggregate over what matches each of them. */
  private Weighted looked(Apply apply, Weighted rows, Total total, Links links, Operator matching) {
    String relation = steps.fresh("v");
    List<Named> groups = numbered(relation, links.outer());
    List<ColumnRef> columns = groups.stream().map(Named::as).toList();
    var found = new ColumnRef(relation, "found");
    var calls = new ArrayList<>(total.calls());
    calls.add(new Call(found, AggregateCall.countRows()));
    Operator values = new Aggregate(matching, groups, calls);
    Operator joined = new OuterJoin(rows.tree(), values, false, List.of(match(links, columns)));
    Scalar value =
        Scalar.of(
            "CASE WHEN ", found, " IS NULL THEN ", nothing(total), " ELSE ", total.value(), " END");
    ColumnRef weight = steps.weight();
    var outputs = new ArrayList<>(rows.plainColumns().stream().map(Named::same).toList());
    outputs.add(new Named(apply.as(), value));
    outputs.add(new Named(weight, rows.weightOrOne()));
    return new Weighted(new Project(joined, outputs), Optional.of(weight), List.of());
  }

  /** The value where nothing matches. */
  private Scalar nothing(Total total) {
    Map<ColumnRef, Scalar> values = new HashMap<>();
    for (Call call : total.calls()) {
      String type = types.of(call.as()).type().name();
      String none = call.value().function().equals("count") ? "0::" : "NULL::";
      values.put(call.as(), Scalar.of(none + type));
    }
    return total.value().map(ref -> values.getOrDefault(ref, Scalar.column(ref))).grouped();
  }
}
