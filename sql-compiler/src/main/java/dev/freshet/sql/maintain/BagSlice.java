package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
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
 * @param maintained the query in normal form, if its delta is known
 */
public record BagSlice(SliceRows rows, String select, Optional<Spj> maintained, OperatorNote note)
    implements Slice {

  /** A slice that is only ever refreshed in full. */
  public static BagSlice opaque(SliceRows rows, String select, OperatorNote note) {
    return new BagSlice(rows, select, Optional.empty(), note);
  }

  /** A slice maintained by the signed rows of its sources. */
  public static BagSlice of(SliceRows rows, Spj spj, OperatorNote note) {
    var outputs = new ArrayList<Named>();
    for (int i = 0; i < spj.outputs().size(); i++) {
      outputs.add(
          new Named(new ColumnRef("", rows.columns().get(i).name()), spj.outputs().get(i).value()));
    }
    var renamed = new Spj(spj.scans(), spj.conditions(), outputs);
    List<String> names = outputs.stream().map(o -> o.as().column()).toList();
    String select = SelectRenderer.select(renamed.tree(scan -> scan, outputs), names);
    return new BagSlice(rows, select, Optional.of(renamed), note);
  }

  @Override
  public RefreshClass refreshClass() {
    return maintained.isPresent() ? RefreshClass.ALGEBRAIC : RefreshClass.FULL;
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
    return maintained.stream()
        .flatMap(spj -> spj.scans().stream().map(scan -> (DeltaNeed) need(spj, scan)))
        .toList();
  }

  private static DeltaNeed.Weighted need(Spj spj, dev.freshet.sql.tree.Operator.Scan scan) {
    return SourceNeeds.weighted(scan.table(), spj.columnsOf(scan));
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
    return List.of(applied(deltas, bag().difference(select, current), target));
  }

  private SqlStatement applied(DeltaRelations deltas, String zset, TableName target) {
    return deltas.statement(bag().applied(zset, target, rows), bag().insert(target, rows));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    Spj spj = maintained.orElseThrow();
    var differentiation =
        new Differentiation(changes.oids(), Shapes.of(changes, scan -> need(spj, scan)));
    Optional<Weighted> delta = differentiation.delta(spj.source(scan -> scan));
    if (delta.isEmpty()) {
      return List.of();
    }
    var outputs = new ArrayList<>(spj.outputs());
    outputs.add(new Named(new ColumnRef("", Weighted.WEIGHT), delta.get().weightOrOne()));
    var names = new LinkedHashMap<String, Scalar>();
    outputs.forEach(output -> names.put(output.as().column(), output.value()));
    var deltas = new DeltaRelations(changes);
    String zset =
        SelectRenderer.select(
            Unions.project(delta.get().tree(), outputs), List.copyOf(names.keySet()), deltas::name);
    return List.of(applied(deltas, zset, target));
  }
}
