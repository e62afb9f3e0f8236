package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

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
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Types;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * ORDER BY … LIMIT at the top of a query, kept without computing the query again as long as the
 * rows at hand decide which are the first.
 *
 * <p>Law: let T be the first n rows of Q and b the last of them. Every row of Q that is not in T
 * comes after b, or ties with it. So if T + ΔQ has at least n rows that do not come after b, its
 * first n rows are the first n of the new Q; if T had fewer than n rows it was all of Q, and T + ΔQ
 * is. Otherwise rows are missing that T never had, and the query is computed.
 */
public final class TopSlice implements Slice {
  private final SliceRows rows;
  private final Limit limit;
  private final Types types;
  private final OperatorNote note;
  private final Map<ColumnRef, String> places = new LinkedHashMap<>();
  private final List<Named> outputs = new ArrayList<>();
  private final List<OutputColumn> stored = new ArrayList<>();
  private final List<HiddenColumn> hidden = new ArrayList<>();

  private TopSlice(
      SliceRows rows, Limit limit, List<ColumnRef> visible, Types types, OperatorNote note) {
    this.rows = rows;
    this.limit = limit;
    this.types = types;
    this.note = note;
    for (int i = 0; i < visible.size(); i++) {
      OutputColumn column = rows.columns().get(i);
      places.putIfAbsent(visible.get(i), column.name());
      store(visible.get(i), column);
    }
    var sorted = new LinkedHashSet<ColumnRef>();
    limit.order().forEach(key -> sorted.addAll(key.columns()));
    for (ColumnRef ref : sorted) {
      if (!places.containsKey(ref)) {
        var column =
            new OutputColumn(rows.prefix() + "o" + (hidden.size() + 1), types.of(ref).type());
        places.put(ref, column.name());
        hidden.add(new HiddenColumn(column.name(), column.type().name(), "sort key " + ref));
        store(ref, column);
      }
    }
  }

  private void store(ColumnRef ref, OutputColumn column) {
    outputs.add(new Named(new ColumnRef("", column.name()), Scalar.column(ref)));
    stored.add(column);
  }

  /** The slice, if the tree is a LIMIT whose columns are selected as they are. */
  static Optional<Slice> of(SliceRows rows, Operator tree, Types types, OperatorNote note) {
    List<ColumnRef> visible = tree.columns();
    Operator top = tree;
    while (top instanceof Project(Operator input, var outputs)) {
      Map<ColumnRef, Scalar> values = new LinkedHashMap<>();
      outputs.forEach(output -> values.put(output.as(), output.value()));
      var deeper = new ArrayList<ColumnRef>();
      for (ColumnRef ref : visible) {
        Optional<ColumnRef> column = Optional.ofNullable(values.get(ref)).flatMap(Scalar::asColumn);
        if (column.isEmpty()) {
          return Optional.empty();
        }
        deeper.add(column.get());
      }
      visible = deeper;
      top = input;
    }
    return top instanceof Limit limit
            && limit.limit().isPresent()
            && limit.offset().isEmpty()
            && limit.order().stream().anyMatch(key -> !key.columns().isEmpty())
        ? Optional.of(new TopSlice(rows, limit, visible, types, note))
        : Optional.empty();
  }

  @Override
  public RefreshClass refreshClass() {
    return Notes.dearest(note);
  }

  @Override
  public OperatorNote note() {
    return note;
  }

  @Override
  public String rowIdentity() {
    return "the first rows, equal ones counted";
  }

  @Override
  public List<HiddenColumn> hidden() {
    return List.copyOf(hidden);
  }

  private List<String> names() {
    return stored.stream().map(OutputColumn::name).toList();
  }

  @Override
  public String storageSelect() {
    return SelectRenderer.select(new Project(limit, outputs), names());
  }

  @Override
  public List<DeltaNeed> needs() {
    return SourceNeeds.of(limit);
  }

  private BagRows bag() {
    return new BagRows(stored);
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

  private String current(TableName target) {
    return "SELECT "
        + bag().columnList()
        + " FROM "
        + target
        + " AS t WHERE TRUE"
        + rows.owned("t");
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    var deltas = new DeltaRelations(new Changes(Map.of()));
    return List.of(replaced(deltas, Map.of(), storageSelect(), target));
  }

  private SqlStatement replaced(
      DeltaRelations deltas, Map<String, String> steps, String select, TableName target) {
    var parts = new LinkedHashMap<>(steps);
    parts.putAll(bag().applied(bag().difference(select, current(target)), target, rows));
    return deltas.statement(parts, bag().insert(target, rows));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    var differentiation =
        new Differentiation(changes.oids(), Shapes.of(changes, this::need), types);
    Optional<Weighted> delta = differentiation.delta(limit.input());
    if (delta.isEmpty()) {
      return List.of();
    }
    var deltas = new DeltaRelations(changes);
    Map<String, String> parts = StepText.of(differentiation, deltas);
    parts.put("\"__freshet_old\"", current(target));
    parts.put("\"__freshet_rows\"", together(delta.get(), deltas));
    parts.put("\"__freshet_placed\"", placed());
    parts.put("\"__freshet_known\"", known());
    String first = first("SELECT * FROM \"__freshet_rows\"");
    String select =
        "SELECT * FROM (%s) AS f WHERE (SELECT ok FROM \"__freshet_known\")\nUNION ALL\n"
                .formatted(first)
            + "SELECT * FROM (%s) AS q WHERE NOT (SELECT ok FROM \"__freshet_known\")"
                .formatted(storageSelect());
    return List.of(replaced(deltas, parts, select, target));
  }

  /** T + ΔQ, each row as often as it is there. */
  private String together(Weighted delta, DeltaRelations deltas) {
    var changed = new ArrayList<>(outputs);
    changed.add(new Named(new ColumnRef("", Weighted.WEIGHT), delta.weightOrOne()));
    String zset =
        deltas.select(
            Unions.project(delta.tree(), changed),
            changed.stream().map(output -> output.as().column()).toList());
    String weight = quote(Weighted.WEIGHT);
    String all =
        "SELECT %s, 1 AS %s FROM \"__freshet_old\"\nUNION ALL\nSELECT %s, %s FROM (\n%s\n) AS d"
            .formatted(bag().columnList(), weight, bag().columnList(), weight, zset);
    return "SELECT %s FROM (\n%s\n) AS z, generate_series(1, z.%s)"
        .formatted(bag().values("z"), bag().consolidated(all), weight);
  }

  /** The last row of T among T + ΔQ. */
  private String placed() {
    return """
    SELECT rank() OVER (ORDER BY %1$s) AS place, b."__freshet_last" FROM (
      SELECT *, FALSE AS "__freshet_last" FROM "__freshet_rows"
      UNION ALL
      SELECT %2$s, TRUE FROM (
        SELECT *, row_number() OVER (ORDER BY %1$s) AS "__freshet_nr" FROM "__freshet_old"
      ) AS n WHERE n."__freshet_nr" = (SELECT count(*) FROM "__freshet_old")
    ) AS b\
    """
        .formatted(order(), bag().columnList());
  }

  /** Whether those rows decide which are the first. */
  private String known() {
    return """
    SELECT (SELECT count(*) FROM "__freshet_old") < %1$s OR (
      SELECT count(*) FROM "__freshet_placed"
      WHERE NOT "__freshet_last"
        AND place <= (SELECT p.place FROM "__freshet_placed" AS p WHERE p."__freshet_last")
    ) >= %1$s AS ok\
    """
        .formatted(number());
  }

  private String first(String rowsSelect) {
    return rowsSelect
        + " ORDER BY "
        + order()
        + (limit.withTies()
            ? " FETCH FIRST (" + number() + ") ROWS WITH TIES"
            : " LIMIT " + number());
  }

  private String number() {
    return "(" + limit.limit().orElseThrow().sql(ref -> quote(ref.column())) + ")";
  }

  private String order() {
    return limit.order().stream()
        .filter(key -> !key.columns().isEmpty())
        .map(key -> key.sql(ref -> quote(places.getOrDefault(ref, ref.column()))))
        .collect(Collectors.joining(", "));
  }

  private DeltaNeed need(Scan scan) {
    return SourceNeeds.combine(needs()).stream()
        .filter(need -> need.source().oid() == scan.table().oid())
        .findFirst()
        .orElseThrow();
  }
}
