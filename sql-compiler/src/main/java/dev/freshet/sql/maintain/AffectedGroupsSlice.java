package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Groups that are recomputed when a changed row, old or new, belongs to them: any aggregate, and
 * HAVING. Law: with K the groups of ΔA, γ(A) differs from its old value at most in K, and γ(A) on K
 * is γ(A ⋉ K).
 */
public final class AffectedGroupsSlice implements Slice {
  private final SliceRows rows;
  private final GroupedQuery query;
  private final GroupStorage storage;
  private final List<DeltaNeed> needs;
  private final OperatorNote note;

  AffectedGroupsSlice(SliceRows rows, GroupedQuery query, GroupColumns columns, OperatorNote note) {
    this.rows = rows;
    this.query = query;
    this.note = note;
    this.storage = new GroupStorage(rows, query.outputs().stream().map(Named::value).toList());
    query.aggregate().groups().forEach(group -> storage.addGroup(group, columns.group(group.as())));
    this.needs = GroupNeeds.weighted(query);
  }

  @Override
  public RefreshClass refreshClass() {
    return RefreshClass.AFFECTED_KEYS;
  }

  @Override
  public OperatorNote note() {
    return note;
  }

  @Override
  public String rowIdentity() {
    return storage.rowIdentity();
  }

  @Override
  public List<HiddenColumn> hidden() {
    return storage.hidden();
  }

  @Override
  public String storageSelect() {
    return SelectRenderer.select(grouped(query.aggregate().input()), storage.names());
  }

  private Operator grouped(Operator input) {
    Operator tree = new Aggregate(input, query.aggregate().groups(), query.aggregate().calls());
    for (Scalar condition : query.having()) {
      tree = new Filter(tree, condition);
    }
    return new Project(tree, storage.columns());
  }

  @Override
  public List<DeltaNeed> needs() {
    return needs;
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    return GroupIndexes.create(target, rows, storage.match());
  }

  @Override
  public List<String> indexNames(TableName target) {
    return GroupIndexes.names(target, rows, storage.match());
  }

  private MergeText merge(TableName target) {
    return new MergeText(target, rows, storage.names(), storage.match());
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    String source = storageSelect();
    return List.of(
        SqlText.finish(
            query.aggregate().groups().isEmpty()
                ? merge(target).apply(onlyRow("(\n" + source + "\n)"))
                : merge(target).replace(source)));
  }

  /** HAVING may leave no row at all: then the table's row is to go. */
  private String onlyRow(String source) {
    String items =
        storage.names().stream().map(c -> "q." + quote(c)).collect(Collectors.joining(", "));
    return "SELECT "
        + items
        + ", q.\"__freshet_ok\" IS TRUE AS \"__freshet_ok\""
        + " FROM (SELECT 1) AS o LEFT JOIN (SELECT *, TRUE AS \"__freshet_ok\" FROM "
        + source
        + " AS r) AS q ON TRUE";
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    var differentiation = new Differentiation(changes.oids(), Shapes.of(changes, this::need));
    List<Operator> touched = new ArrayList<>();
    for (Spj branch : query.branches()) {
      Optional<Weighted> delta = differentiation.delta(branch.source(scan -> scan));
      delta.ifPresent(d -> touched.add(groupsOf(d, branch)));
    }
    if (touched.isEmpty()) {
      return List.of();
    }
    var deltas = new DeltaRelations(changes);
    if (query.aggregate().groups().isEmpty()) {
      return List.of(
          deltas.statement(
              new LinkedHashMap<>(),
              merge(target).apply(onlyRow("(\n" + storageSelect() + "\n)"))));
    }
    var parts = new LinkedHashMap<String, String>();
    parts.put("\"__freshet_groups\"", keys(touched, deltas));
    parts.put("\"__freshet_new\"", recomputed());
    return List.of(deltas.statement(parts, merge(target).apply(source())));
  }

  private DeltaNeed need(Scan scan) {
    return needs.stream()
        .filter(need -> need.source().oid() == scan.table().oid())
        .findFirst()
        .orElseThrow();
  }

  private List<ColumnRef> keyColumns() {
    return storage.match().columns().stream().map(c -> new ColumnRef("", c.name())).toList();
  }

  private Operator groupsOf(Weighted delta, Spj branch) {
    var outputs = new ArrayList<Named>();
    List<ColumnRef> columns = keyColumns();
    for (int i = 0; i < columns.size(); i++) {
      Scalar value = branch.substituted(query.aggregate().groups().get(i).value());
      outputs.add(new Named(columns.get(i), value));
    }
    return Unions.project(delta.tree(), outputs);
  }

  private String keys(List<Operator> touched, DeltaRelations deltas) {
    Operator all = touched.size() == 1 ? touched.getFirst() : new UnionAll(touched);
    Operator distinct =
        new Aggregate(all, keyColumns().stream().map(Named::same).toList(), List.of());
    return SelectRenderer.select(
        distinct, keyColumns().stream().map(ColumnRef::column).toList(), deltas::name);
  }

  /** The query over the rows of touched groups. */
  private String recomputed() {
    Set<ColumnRef> read = new LinkedHashSet<>();
    query.aggregate().groups().forEach(group -> read.addAll(group.value().columns()));
    query.aggregate().calls().forEach(call -> read.addAll(call.value().sql().columns()));
    List<Scalar> keys =
        storage.match().columns().stream()
            .map(KeyColumn::name)
            .map(name -> Scalar.of("\"__freshet_g\"." + quote(name)))
            .toList();
    Operator input =
        query.input(
            read.stream().map(Named::same).toList(),
            groups ->
                Scalar.of(
                    "EXISTS (SELECT 1 FROM \"__freshet_groups\" AS \"__freshet_g\" WHERE ",
                    storage.match().equal(groups.stream().map(Scalar::grouped).toList(), keys),
                    ")"));
    return SelectRenderer.select(grouped(input), storage.names());
  }

  private String source() {
    List<String> keys = storage.match().columns().stream().map(KeyColumn::name).toList();
    String items =
        storage.names().stream()
            .map(c -> (keys.contains(c) ? "g." : "q.") + quote(c))
            .collect(Collectors.joining(", "));
    return "SELECT "
        + items
        + ", q.\"__freshet_ok\" IS TRUE AS \"__freshet_ok\""
        + "\nFROM \"__freshet_groups\" AS g LEFT JOIN (SELECT *, TRUE AS \"__freshet_ok\""
        + " FROM \"__freshet_new\") AS q ON "
        + storage.match().condition("g", "q");
  }
}
