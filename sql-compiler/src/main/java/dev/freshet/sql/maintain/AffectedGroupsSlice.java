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
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Pushdown;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Typed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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
    var differentiation =
        new Differentiation(changes.oids(), Shapes.of(changes, this::need), query.types());
    Operator input = Pruning.of(Pushdown.of(query.aggregate())).inputs().getFirst();
    List<Scalar> groups = query.aggregate().groups().stream().map(Named::value).toList();
    List<Typed> types =
        storage.match().columns().stream().map(c -> new Typed(c.type(), c.notNull())).toList();
    Optional<Differentiation.Touched> touched = differentiation.touched(input, groups, types);
    if (touched.isEmpty()) {
      return List.of();
    }
    var deltas = new DeltaRelations(changes);
    if (groups.isEmpty()) {
      return List.of(
          deltas.statement(
              new LinkedHashMap<>(),
              merge(target).apply(onlyRow("(\n" + storageSelect() + "\n)"))));
    }
    String recomputed =
        SelectRenderer.select(grouped(touched.get().input()), storage.names(), deltas::name);
    Map<String, String> parts = StepText.of(differentiation, deltas);
    parts.put("\"__freshet_new\"", recomputed);
    return List.of(
        deltas.statement(parts, merge(target).apply(source(touched.get().keys().name()))));
  }

  private DeltaNeed need(Scan scan) {
    return needs.stream()
        .filter(need -> need.source().oid() == scan.table().oid())
        .findFirst()
        .orElseThrow();
  }

  /** The touched groups, those without a row in the result too: their rows are to go. */
  private String source(String groups) {
    List<String> stored = storage.match().columns().stream().map(KeyColumn::name).toList();
    List<String> touched = IntStream.rangeClosed(1, stored.size()).mapToObj(i -> "k" + i).toList();
    String items =
        storage.names().stream()
            .map(
                c ->
                    stored.contains(c) ? group(touched.get(stored.indexOf(c)), c) : "q." + quote(c))
            .collect(Collectors.joining(", "));
    return "SELECT "
        + items
        + ", q.\"__freshet_ok\" IS TRUE AS \"__freshet_ok\"\nFROM "
        + quote(groups)
        + " AS g LEFT JOIN (SELECT *, TRUE AS \"__freshet_ok\""
        + " FROM \"__freshet_new\") AS q ON "
        + storage.match().condition("q", "g", touched);
  }

  private static String group(String touched, String stored) {
    return "g." + quote(touched) + " AS " + quote(stored);
  }
}
