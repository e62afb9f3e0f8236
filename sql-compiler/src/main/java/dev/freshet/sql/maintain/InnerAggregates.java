package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.delta.RowKeys;
import dev.freshet.sql.delta.SemiJoins;
import dev.freshet.sql.parse.Recursions;
import dev.freshet.sql.parse.TreeRewrite;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Finds the aggregates within a query whose groups are kept in tables of their own, and puts scans
 * of these in their places.
 *
 * <p>Which ones is told by the query alone, not by how large its sources are: {@code
 * docs/developers/inner-aggregates.md} has the rules. What is not sure is computed where it stands.
 */
public final class InnerAggregates {
  private final AnalyzedQuery query;
  private final Recursions tables;
  private final boolean any;
  private final Map<Operator, Kept> byShape = new HashMap<>();
  private final Map<InnerState, Kept> all = new LinkedHashMap<>();
  private final List<Operator> readers = new ArrayList<>();
  private int scans;

  /**
   * @param tables knows those that trees read
   * @param any false if none may be kept
   */
  public InnerAggregates(AnalyzedQuery query, Recursions tables, boolean any) {
    this.query = query;
    this.tables = tables;
    this.any = any;
  }

  private record Kept(InnerState state, AlgebraicGroupsSlice groups) {
    boolean hasKey() {
      return state.isOneRow() || !state.table().primaryKey().isEmpty();
    }
  }

  /** Those that are kept. */
  public List<Aggregate> aggregates() {
    return all.keySet().stream().map(InnerState::aggregate).toList();
  }

  /** The hidden tables, each after those that it reads. */
  public List<HiddenTable> tables() {
    List<HiddenTable> hidden = new ArrayList<>();
    for (Kept kept : all.values()) {
      List<String> indexed = KeptColumns.indexed(kept.state(), readers);
      List<OutputColumn> columns =
          kept.state().table().columns().stream()
              .map(c -> new OutputColumn(c.name(), c.type()))
              .toList();
      var slice = new StateSlice(kept.state(), kept.groups(), indexed);
      hidden.add(HiddenTable.of(hidden.size() + 1, slice, columns, query));
    }
    return hidden;
  }

  /**
   * The tree over what is kept.
   *
   * @param tree with conditions where they are read; the stream table holds its result
   */
  Operator kept(Operator tree) {
    if (!any) {
      return tree;
    }
    boolean byKeys = RowKeys.spine(Topped.of(tree).core()).isPresent();
    Operator scanned = rewritten(tree, KeptColumns.deciding(tree), byKeys, true);
    Operator kept = byKeys ? scanned : SemiJoins.withStates(scanned);
    readers.add(kept);
    return kept;
  }

  /**
   * @param deciding the columns by whose values rows are picked
   * @param byKeys whether rows of the stream table are found by the keys of the tree's sources
   * @param top whether the stream table itself holds what the tree returns
   */
  private Operator rewritten(Operator tree, Set<ColumnRef> deciding, boolean byKeys, boolean top) {
    return switch (tree) {
      case Aggregate aggregate -> {
        Operator input = rewritten(aggregate.input(), deciding, byKeys, false);
        var over = new Aggregate(input, aggregate.groups(), aggregate.calls());
        boolean wanted =
            !top
                && (aggregate.groups().isEmpty()
                    || aggregate.calls().stream().anyMatch(c -> deciding.contains(c.as())));
        yield wanted ? state(over, byKeys).map(kept -> scan(kept, over)).orElse(over) : over;
      }
      case Filter(Operator input, Scalar condition) ->
          new Filter(rewritten(input, deciding, byKeys, top), condition);
      case Project(Operator input, var outputs) ->
          new Project(rewritten(input, deciding, byKeys, top), outputs);
      case Apply(Operator input, ColumnRef as, Scalar before, Operator inner) ->
          new Apply(
              rewritten(input, deciding, byKeys, false),
              as,
              before,
              rewritten(inner, deciding, false, false));
      case Lateral(Operator input, Operator right, boolean outer, var conditions) ->
          new Lateral(
              rewritten(input, deciding, byKeys, false),
              rewritten(right, deciding, false, false),
              outer,
              conditions);
      default ->
          Trees.withInputs(
              tree,
              tree.inputs().stream()
                  .map(input -> rewritten(input, deciding, byKeys, false))
                  .toList());
    };
  }

  private Operator scan(Kept kept, Aggregate aggregate) {
    var scan = new Scan("__freshet_g" + ++scans, kept.state().table());
    List<Named> outputs = new ArrayList<>();
    for (int i = 0; i < aggregate.columns().size(); i++) {
      outputs.add(new Named(aggregate.columns().get(i), Scalar.column(scan.columns().get(i))));
    }
    return new Project(scan, outputs);
  }

  /** The state, if it can be one. */
  private Optional<Kept> state(Aggregate aggregate, boolean notNull) {
    if (!Trees.free(aggregate).isEmpty() || Trees.scans(aggregate).isEmpty()) {
      return Optional.empty();
    }
    Operator shape = shape(aggregate);
    Kept before = byShape.get(shape);
    if (before != null) {
      return Optional.of(before).filter(kept -> !notNull || kept.hasKey());
    }
    if (all.size() == InnerState.MAX) {
      return Optional.empty();
    }
    try {
      Optional<Kept> made = made((Aggregate) Pruning.of(aggregate), notNull);
      made.ifPresent(
          kept -> {
            byShape.put(shape, kept);
            all.put(kept.state(), kept);
            readers.add(kept.state().aggregate());
          });
      return made;
    } catch (UnsupportedQueryException _) {
      return Optional.empty(); // what it lacks, others may not
    }
  }

  /** The same for trees that differ in nothing but the names of relations. */
  private static Operator shape(Operator tree) {
    var names = new ArrayList<String>();
    return TreeRewrite.copy(
            tree,
            name -> {
              names.add(name);
              return "r" + names.size();
            })
        .tree();
  }

  private Optional<Kept> made(Aggregate aggregate, boolean notNull) {
    GroupedQuery plain = GroupedQuery.of(aggregate).orElseThrow();
    Types types = plain.isPlain() ? Types.NONE : TypeReader.read(aggregate, tables);
    GroupedQuery grouped = plain.with(types);
    GroupColumns columns = GroupColumns.of(grouped, tables);
    if (KeptColumns.obstacle(grouped, columns).isPresent()) {
      return Optional.empty();
    }
    boolean key =
        !aggregate.groups().isEmpty()
            && aggregate.groups().stream().allMatch(g -> columns.group(g.as()).notNull());
    if (notNull && !key && !aggregate.groups().isEmpty()) {
      return Optional.empty();
    }
    List<SourceTable.Column> stored = KeptColumns.stored(aggregate, columns);
    List<String> names = stored.stream().map(SourceTable.Column::name).toList();
    SourceTable table =
        tables.state(stored, key ? names.subList(0, aggregate.groups().size()) : List.of());
    var state = new InnerState(table, aggregate);
    List<OutputColumn> outputs =
        stored.stream().map(c -> new OutputColumn(c.name(), c.type())).toList();
    var rows = new SliceRows(outputs, OptionalInt.empty(), query.serverVersion());
    return Optional.of(
        new Kept(
            state,
            new AlgebraicGroupsSlice(
                rows, KeptColumns.exact(grouped), columns, Notes.state(state, false))));
  }
}
