package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.SortKey;
import dev.freshet.sql.tree.Trees;
import dev.freshet.sql.tree.Typed;
import dev.freshet.sql.tree.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Windows whose values run along an order ({@link RunningWindow}): of each partition that changed
 * only the rows from the first change on are computed, with what the last row before it carries on,
 * which the table itself holds.
 */
final class WindowSlice implements Slice {
  private static final String REASON =
      "values run along the order: computed from the first change of a partition on";
  private static final String BOUNDS = "__freshet_bounds";
  private static final ColumnRef COUNTS = new ColumnRef(BOUNDS, "__freshet_counts");

  private final SliceRows rows;
  private final RunningWindow running;
  private final Window window;
  private final Types types;
  private final OperatorNote note;
  private final RowStorage storage;
  private final RowMatch partition;
  private final List<String> order = new ArrayList<>();
  private final Map<ColumnRef, String> carried = new LinkedHashMap<>();

  private WindowSlice(
      SliceRows rows, Topped query, RunningWindow running, Types types, OperatorNote note) {
    this.rows = rows;
    this.running = running;
    this.window = running.window();
    this.types = types;
    this.note = note;
    this.storage = new RowStorage(rows, query.outputs().stream().map(Named::value).toList());
    var key = new ArrayList<KeyColumn>();
    for (Scalar value : window.partition()) {
      Typed typed = types.of(value).orElseThrow();
      String place = storage.place(value, typed.type(), "partition by " + value);
      key.add(new KeyColumn(place, typed.type(), typed.notNull()));
    }
    this.partition = new RowMatch(key);
    for (SortKey sort : running.order()) {
      Typed typed = types.of(sort.value()).orElseThrow();
      order.add(storage.place(sort.value(), typed.type(), "order by " + sort.value()));
    }
    for (ColumnRef column : running.carried()) {
      var type =
          Optional.ofNullable(running.added().get(column)).orElseGet(() -> types.of(column).type());
      carried.put(column, storage.place(Scalar.column(column), type, "carried on by the window"));
    }
  }

  /** The slice, if the query is such a window and keeps all of its rows. */
  static Optional<Slice> of(SliceRows rows, Operator tree, Types types, OperatorNote note) {
    Topped query = Topped.of(tree);
    return query.conditions().isEmpty() && query.core() instanceof Window window
        ? RunningWindow.of(window, types)
            .map(
                running ->
                    new WindowSlice(
                        rows,
                        query,
                        running,
                        types,
                        Notes.because(note, Map.of(Notes.name(window), REASON))))
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
    return "the place in the window's order, equal rows counted";
  }

  @Override
  public List<HiddenColumn> hidden() {
    return storage.hidden();
  }

  @Override
  public String storageSelect() {
    return SelectRenderer.select(new Project(window, storage.outputs()), storage.names());
  }

  @Override
  public List<DeltaNeed> needs() {
    return SourceNeeds.combine(SourceNeeds.of(window));
  }

  private String indexed() {
    var parts = new ArrayList<String>();
    if (!partition.columns().isEmpty() && !partition.indexExpressions().isEmpty()) {
      parts.add(partition.indexExpressions());
    }
    for (int i = 0; i < order.size(); i++) {
      parts.add(running.order().get(i).of(Scalar.of(quote(order.get(i)))).sql().toString());
    }
    return String.join(", ", parts);
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    return List.of(Indexes.create(target, rows, "window", false, indexed()));
  }

  @Override
  public List<String> indexNames(TableName target) {
    return List.of(Indexes.name(target, rows, "window"));
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    return List.of(storage.full(storageSelect(), target));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    Set<ColumnRef> read = SourceNeeds.read(window);
    var differentiation =
        new Differentiation(changes.oids(), scan -> SourceNeeds.shape(scan, read), types);
    Optional<Bound> first =
        differentiation.firstTouched(window.input(), window.partition(), running.order());
    if (first.isEmpty()) {
      return List.of();
    }
    Operator now = now(differentiation);
    var deltas = new DeltaRelations(changes);
    String select = deltas.select(new Project(now, combined()), storage.names());
    Map<String, String> parts = StepText.of(differentiation, deltas);
    deltas.madeFrom(BOUNDS, first.get());
    parts.put(quote("__freshet_first"), moved(first.get().name(), target));
    parts.put(quote(BOUNDS), bounds(target));
    parts.put(quote("__freshet_old"), old(target));
    parts.putAll(storage.exchange(select, target));
    return List.of(deltas.statement(parts, storage.bag().insert(target, rows)));
  }

  // The relation of the boundaries: k1 … of the partition, b1 … of the order, c1 … carried on.

  private List<ColumnRef> columns(String letter, int count) {
    var columns = new ArrayList<ColumnRef>();
    for (int i = 1; i <= count; i++) {
      columns.add(new ColumnRef(BOUNDS, letter + i));
    }
    return columns;
  }

  private List<ColumnRef> keys() {
    return columns("k", window.partition().size());
  }

  private List<ColumnRef> boundaries() {
    return columns("b", order.size());
  }

  private Bound bounds() {
    var all = new ArrayList<>(keys());
    all.addAll(boundaries());
    all.addAll(columns("c", carried.size()));
    return new Bound(BOUNDS, all);
  }

  private Scalar last(ColumnRef column) {
    int position = List.copyOf(carried.keySet()).indexOf(column);
    return Scalar.column(new ColumnRef(BOUNDS, "c" + (position + 1)));
  }

  // Conditions.

  /** That values come before others in the window's order. */
  private Scalar before(List<Scalar> values, List<Scalar> others) {
    Scalar condition = Scalar.of("");
    for (int i = order.size() - 1; i >= 0; i--) {
      SortKey key = running.order().get(i).of(values.get(i));
      Scalar first = key.before(others.get(i));
      condition =
          i == order.size() - 1
              ? first
              : Scalar.of("(", first, " OR (", key.ties(others.get(i)), " AND ", condition, "))");
    }
    return condition;
  }

  /** What an index on the order can use of it, for the rows before or the others. */
  private Optional<Scalar> indexable(Scalar value, Scalar other, boolean before) {
    SortKey key = running.order().getFirst();
    return types.of(key.value()).map(Typed::notNull).orElse(false)
        ? Optional.of(
            Scalar.of(value.grouped(), key.descending() == before ? " >= " : " <= ", other))
        : Optional.empty();
  }

  private List<Scalar> condition(List<Scalar> values, List<Scalar> others, boolean isBefore) {
    var all = new ArrayList<Scalar>();
    indexable(values.getFirst(), others.getFirst(), isBefore).ifPresent(all::add);
    Scalar before = before(values, others);
    all.add(isBefore ? before : Scalar.of("(NOT ", before, ")"));
    return all;
  }

  // The relations of the statement.

  private List<Scalar> stored(List<String> names, String alias) {
    return names.stream().map(name -> Scalar.of(alias + "." + quote(name))).toList();
  }

  private static List<Scalar> of(List<ColumnRef> columns, String alias) {
    return columns.stream().map(c -> Scalar.of(alias + "." + quote(c.column()))).toList();
  }

  /**
   * The conditions that a row t of the table is of the partition k, on one side of its boundary.
   */
  private String rowsOf(String keys, boolean before) {
    List<String> names = keys().stream().map(ColumnRef::column).toList();
    var parts = new ArrayList<>(List.of(partition.condition("t", keys, names)));
    condition(stored(order, "t"), of(boundaries(), keys), before)
        .forEach(condition -> parts.add(condition.toString()));
    return String.join(" AND ", parts) + rows.owned("t");
  }

  private String sorted(boolean reversed, List<String> names) {
    var keys = new ArrayList<String>();
    for (int i = 0; i < names.size(); i++) {
      SortKey key = running.order().get(i).of(Scalar.of(names.get(i)));
      keys.add((reversed ? key.reversed() : key).sql().toString());
    }
    return String.join(", ", keys);
  }

  /** The boundaries, moved back by as many rows as look ahead. */
  private String moved(String first, TableName target) {
    if (running.lookahead() == 0) {
      return "SELECT * FROM " + quote(first);
    }
    List<String> places = order.stream().map(name -> "t." + quote(name)).toList();
    var items = new ArrayList<String>();
    keys().forEach(key -> items.add("k." + quote(key.column())));
    var back = new ArrayList<String>();
    var found = new ArrayList<String>();
    for (int i = 0; i < places.size(); i++) {
      String name = quote("b" + (i + 1));
      back.add(places.get(i) + " AS " + name);
      found.add("r." + name);
      items.add("CASE WHEN f.found THEN f.%1$s ELSE k.%1$s END AS %1$s".formatted(name));
    }
    return """
    SELECT %s FROM %s AS k LEFT JOIN LATERAL (
      SELECT r.*, TRUE AS found FROM (
        SELECT %s FROM %s AS t WHERE %s ORDER BY %s LIMIT %d
      ) AS r ORDER BY %s LIMIT 1
    ) AS f ON TRUE\
    """
        .formatted(
            String.join(", ", items),
            quote(first),
            String.join(", ", back),
            target,
            rowsOf("k", true),
            sorted(true, places),
            running.lookahead(),
            sorted(false, found));
  }

  /** The boundaries with what the last row before each carries on. */
  private String bounds(TableName target) {
    var items = new ArrayList<String>();
    for (String place : carried.values()) {
      items.add("t." + quote(place) + " AS " + quote("c" + (items.size() + 1)));
    }
    return """
    SELECT k.*, c.* FROM "__freshet_first" AS k LEFT JOIN LATERAL (
      SELECT %s FROM %s AS t WHERE %s ORDER BY %s LIMIT 1
    ) AS c ON TRUE\
    """
        .formatted(
            String.join(", ", items),
            target,
            rowsOf("k", true),
            sorted(true, order.stream().map(name -> "t." + quote(name)).toList()));
  }

  /** The table's rows from the boundaries on. */
  private String old(TableName target) {
    String columns =
        storage.names().stream().map(c -> "t." + quote(c)).collect(Collectors.joining(", "));
    return "SELECT t.ctid AS \"__freshet_place\", %s FROM %s AS k, %s AS t WHERE %s"
        .formatted(columns, quote(BOUNDS), target, rowsOf("k", false));
  }

  private List<Scalar> inputConditions(boolean before) {
    List<Scalar> values = window.partition().stream().map(Scalar::grouped).toList();
    List<Scalar> found =
        condition(
            running.order().stream().map(SortKey::value).toList(),
            boundaries().stream().map(Scalar::column).toList(),
            before);
    var all = new ArrayList<>(found);
    if (!values.isEmpty()) {
      all.addFirst(partition.equalToRow(values, keys().stream().map(Scalar::column).toList()));
    }
    return all;
  }

  /** The window's rows from the boundaries on, with the boundaries. */
  private Operator now(Differentiation differentiation) {
    List<Typed> keyTypes = window.partition().stream().map(p -> types.of(p).orElseThrow()).toList();
    Operator input = differentiation.near(window.input(), window.partition(), keyTypes);
    Operator from = new Join(List.of(bounds(), input), inputConditions(false));
    if (running.lookback() == 0) {
      return new Window(from, window.partition(), window.calls());
    }
    Operator last =
        new Limit(
            Trees.filtered(input, inputConditions(true)),
            running.order().stream().map(key -> key.reversed().sql()).toList(),
            Optional.of(Scalar.of(String.valueOf(running.lookback()))),
            Optional.empty(),
            false);
    Operator back = new Lateral(bounds(), last, false, List.of());
    Operator both = new UnionAll(List.of(marked(from, true), marked(back, false)));
    Operator computed = new Window(both, window.partition(), running.calls(COUNTS));
    return new Filter(computed, Scalar.column(COUNTS));
  }

  private static Operator marked(Operator tree, boolean counts) {
    var outputs = new ArrayList<Named>();
    tree.columns().forEach(column -> outputs.add(Named.same(column)));
    outputs.add(new Named(COUNTS, Scalar.of(counts ? "true" : "false")));
    return new Project(tree, outputs);
  }

  /** What is stored, each of the window's values combined with what is carried on. */
  private List<Named> combined() {
    Set<ColumnRef> computed = Set.copyOf(window.calls().stream().map(Operator.Call::as).toList());
    return storage.outputs().stream()
        .map(
            output ->
                new Named(
                    output.as(),
                    output
                        .value()
                        .map(
                            column ->
                                computed.contains(column)
                                    ? running.combined(column, this::last)
                                    : Scalar.column(column))))
        .toList();
  }
}
