package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Affected;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.delta.RowKeys;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
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
import java.util.stream.IntStream;

/**
 * Rows that are found again by keys which they hold: the partition of a window, the key of a
 * DISTINCT ON, the whole row of a set operation, the primary keys of the sources whose rows a
 * sub-query or an outer join is evaluated for.
 *
 * <p>Law: with K the keys that a change touches, Q differs from its old value at most in the rows
 * whose key is in K; the old ones of these are T ⋉ K, so that only the new ones are computed, and
 * no source is asked for its old state: {@code ΔT = Q ⋉ K − T ⋉ K}.
 */
final class AffectedRowsSlice implements Slice {
  private final SliceRows rows;
  private final Operator filtered;
  private final Types types;
  private final OperatorNote note;
  private final List<Scan> spine;
  private final RowStorage storage;
  private final Map<List<Scalar>, RowMatch> matches = new LinkedHashMap<>();

  private AffectedRowsSlice(
      SliceRows rows, Topped query, List<Scan> spine, Types types, OperatorNote note) {
    this.rows = rows;
    this.types = types;
    this.note = note;
    this.spine = spine;
    Operator core = spine.isEmpty() ? query.core() : RowKeys.exposing(query.core());
    this.filtered = Trees.filtered(core, query.conditions());
    this.storage = new RowStorage(rows, query.outputs().stream().map(Named::value).toList());
    keys(core).forEach(key -> matches.put(key, match(key)));
  }

  /** The slice, if the query has such keys. */
  static Optional<Slice> of(SliceRows rows, Operator tree, Types types, OperatorNote note) {
    Topped query = Topped.of(tree);
    Optional<List<Scan>> spine =
        switch (query.core()) {
          case Window _, DistinctOn _, SetOperation _ -> Optional.of(List.of());
          default -> RowKeys.spine(query.core());
        };
    return spine.map(
        scans ->
            new AffectedRowsSlice(rows, query, scans, types, Notes.because(note, reasons(scans))));
  }

  private static Map<String, String> reasons(List<Scan> spine) {
    return spine.stream()
        .collect(
            Collectors.toMap(
                Notes::name,
                scan ->
                    "rows are found by the primary key ("
                        + String.join(", ", scan.table().primaryKey())
                        + ")",
                (one, _) -> one));
  }

  /** By which values rows may have to be found. */
  private List<List<Scalar>> keys(Operator core) {
    return switch (core) {
      case Window(_, var partition, _) -> List.of(partition);
      case DistinctOn(_, var on, _) -> List.of(on);
      case SetOperation operation ->
          List.of(operation.columns().stream().map(Scalar::column).toList());
      default ->
          spine.stream()
              .map(scan -> RowKeys.primaryKey(scan).stream().map(Scalar::column).toList())
              .toList();
    };
  }

  private RowMatch match(List<Scalar> key) {
    return new RowMatch(
        key.stream()
            .map(
                value -> {
                  Typed typed = types.of(value).orElseThrow();
                  boolean notNull = spine.isEmpty() ? typed.notNull() : true;
                  return new KeyColumn(
                      storage.place(value, typed.type(), "key " + value), typed.type(), notNull);
                })
            .toList());
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
    return matches.keySet().stream()
        .map(key -> key.stream().map(Scalar::toString).collect(Collectors.joining(", ")))
        .collect(Collectors.joining("; ", "found by ", ", equal rows counted"));
  }

  @Override
  public List<HiddenColumn> hidden() {
    return storage.hidden();
  }

  @Override
  public String storageSelect() {
    return SelectRenderer.select(new Project(filtered, storage.outputs()), storage.names());
  }

  /** Of the spine only which rows changed; of everything else old and new rows. */
  @Override
  public List<DeltaNeed> needs() {
    Set<ColumnRef> read = SourceNeeds.read(filtered);
    var needs = new ArrayList<DeltaNeed>();
    for (Scan scan : spine) {
      needs.add(SourceNeeds.keyed(scan.table(), SourceNeeds.names(scan, read)));
    }
    needs.addAll(SourceNeeds.of(filtered, scan -> !spine.contains(scan)));
    return SourceNeeds.combine(needs);
  }

  private Map<String, RowMatch> indexes() {
    var indexes = new LinkedHashMap<String, RowMatch>();
    int number = 0;
    for (RowMatch match : matches.values()) {
      boolean tiny = number > 0 && KeyedSlice.isTiny(spine.get(number).table());
      number++;
      if (!tiny && !match.indexExpressions().isEmpty()) {
        indexes.put("key" + (number == 1 ? "" : number), match);
      }
    }
    return indexes;
  }

  @Override
  public List<SqlStatement> createIndexes(TableName target) {
    return indexes().entrySet().stream()
        .map(e -> Indexes.create(target, rows, e.getKey(), false, e.getValue().indexExpressions()))
        .toList();
  }

  @Override
  public List<String> indexNames(TableName target) {
    return indexes().keySet().stream().map(purpose -> Indexes.name(target, rows, purpose)).toList();
  }

  @Override
  public List<SqlStatement> full(TableName target) {
    return List.of(storage.full(storageSelect(), target));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    Set<ColumnRef> read = SourceNeeds.read(filtered);
    var differentiation =
        new Differentiation(changes.oids(), scan -> SourceNeeds.shape(scan, read), types);
    Optional<Affected> affected = differentiation.affected(filtered, stored());
    if (affected.isEmpty()) {
      return List.of();
    }
    var deltas = new DeltaRelations(changes);
    String now =
        deltas.select(Unions.project(affected.get().rows(), storage.outputs()), storage.names());
    Map<String, String> parts = StepText.of(differentiation, deltas);
    parts.put("\"__freshet_old\"", old(affected.get().parts(), target));
    parts.putAll(storage.exchange(now, target));
    return List.of(deltas.statement(parts, storage.bag().insert(target, rows)));
  }

  /** Which columns are stored, the keys by which rows are found included. */
  private Set<ColumnRef> stored() {
    var read = new ArrayList<Scalar>();
    storage.outputs().forEach(output -> read.add(output.value()));
    matches.keySet().forEach(read::addAll);
    return Scalar.columns(read);
  }

  /** T ⋉ K with the places of the rows, each row once. */
  private String old(List<Affected.Part> parts, TableName target) {
    String columns =
        storage.names().stream().map(c -> "t." + quote(c)).collect(Collectors.joining(", "));
    return IntStream.range(0, parts.size())
        .mapToObj(
            i -> {
              String others =
                  parts.subList(0, i).stream()
                      .map(
                          earlier ->
                              " AND NOT EXISTS (SELECT FROM %s AS x WHERE %s)"
                                  .formatted(quote(earlier.values().name()), found(earlier, "x")))
                      .collect(Collectors.joining());
              return "SELECT t.ctid AS \"__freshet_place\", %s FROM %s AS k, %s AS t WHERE %s%s%s"
                  .formatted(
                      columns,
                      quote(parts.get(i).values().name()),
                      target,
                      found(parts.get(i), "k"),
                      rows.owned("t"),
                      others);
            })
        .collect(Collectors.joining("\nUNION ALL\n"));
  }

  private String found(Affected.Part part, String keys) {
    RowMatch match = Optional.ofNullable(matches.get(part.key())).orElseThrow();
    List<String> names =
        IntStream.rangeClosed(1, match.columns().size()).mapToObj(i -> "k" + i).toList();
    return match.condition("t", keys, names);
  }
}
