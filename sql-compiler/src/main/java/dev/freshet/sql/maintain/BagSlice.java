package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rows without a key: duplicates are counted. Law: T += ΔQ, where ΔQ is the Z-set of changed rows.
 * Also what keeps a query that is not understood at all, by full refresh only: T += Q − T.
 *
 * @param select the query, a SELECT of the visible columns
 * @param maintained the query's tree, if its delta is known
 * @param types of the tree's columns
 */
public record BagSlice(
    SliceRows rows, String select, Optional<Operator> maintained, Types types, OperatorNote note)
    implements Slice {

  /** A slice that is only ever refreshed in full. */
  public static BagSlice opaque(SliceRows rows, String select, OperatorNote note) {
    return new BagSlice(rows, select, Optional.empty(), Types.NONE, note);
  }

  /** A slice maintained by the signed rows of its sources. */
  static BagSlice of(SliceRows rows, Operator tree, Types types, OperatorNote note) {
    List<String> names = rows.columns().stream().map(OutputColumn::name).toList();
    return new BagSlice(rows, SelectRenderer.select(tree, names), Optional.of(tree), types, note);
  }

  @Override
  public RefreshClass refreshClass() {
    return maintained.isPresent() ? Notes.dearest(note) : RefreshClass.FULL;
  }

  @Override
  public String rowIdentity() {
    return "bag: no key, duplicates counted";
  }

  @Override
  public List<HiddenColumn> hidden() {
    return List.of();
  }

  @Override
  public String storageSelect() {
    return select;
  }

  @Override
  public List<DeltaNeed> needs() {
    return maintained.map(SourceNeeds::of).orElse(List.of());
  }

  private BagRows bag() {
    return new BagRows(rows.columns());
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    String expressions = bag().indexExpressions();
    return expressions.isEmpty()
        ? List.of()
        : List.of(Indexes.create(target, rows, "bag", false, expressions));
  }

  @Override
  public List<String> indexNames(TableName target) {
    return bag().indexExpressions().isEmpty()
        ? List.of()
        : List.of(Indexes.name(target, rows, "bag"));
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    String current =
        "SELECT " + bag().columnList() + " FROM " + target + " AS t WHERE TRUE" + rows.owned("t");
    var deltas = new DeltaRelations(new Changes(Map.of()));
    return List.of(applied(deltas, Map.of(), bag().difference(select, current), target));
  }

  private SqlStatement applied(
      DeltaRelations deltas, Map<String, String> steps, String zset, TableName target) {
    var parts = new LinkedHashMap<>(steps);
    parts.putAll(bag().applied(zset, target, rows));
    return deltas.statement(parts, bag().insert(target, rows));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    Operator tree = maintained.orElseThrow();
    var differentiation =
        new Differentiation(changes.oids(), Shapes.of(changes, this::need), types);
    Optional<Weighted> delta = differentiation.delta(tree);
    if (delta.isEmpty()) {
      return List.of();
    }
    var outputs = new ArrayList<Named>();
    for (int i = 0; i < tree.columns().size(); i++) {
      var name = new ColumnRef("", rows.columns().get(i).name());
      outputs.add(new Named(name, Scalar.column(tree.columns().get(i))));
    }
    outputs.add(new Named(new ColumnRef("", Weighted.WEIGHT), delta.get().weightOrOne()));
    var deltas = new DeltaRelations(changes);
    Map<String, String> steps = StepText.of(differentiation, deltas);
    String zset =
        deltas.select(
            Unions.project(delta.get().tree(), outputs),
            outputs.stream().map(output -> output.as().column()).toList());
    return List.of(applied(deltas, steps, zset, target));
  }

  private DeltaNeed need(Scan scan) {
    return SourceNeeds.combine(needs()).stream()
        .filter(need -> need.source().oid() == scan.table().oid())
        .findFirst()
        .orElseThrow();
  }
}
