package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One incremental refresh of a {@link KeyedSlice}.
 *
 * <p>Law: let Q⟨R⟩ be Q with source R restricted to the rows of changed keys. The rows of Q that
 * hold a changed key of R₁, …, Rₙ are the disjoint union over i of Q⟨Rᵢ⟩ without the rows that hold
 * a changed key of R₁, …, Rᵢ₋₁. They replace the rows of T that hold a changed key.
 */
final class KeyedRefresh {
  private final KeyedSlice slice;
  private final TableName target;
  private final Changes changes;
  private final List<Scan> changed;
  private final DeltaRelations deltas;

  KeyedRefresh(KeyedSlice slice, TableName target, Changes changes, List<Scan> changed) {
    this.slice = slice;
    this.target = target;
    this.changes = changes;
    this.changed = changed;
    this.deltas = new DeltaRelations(changes, slice.clock());
  }

  SqlStatement statement() {
    Spj spj = slice.spj();
    boolean direct = spj.scans().size() == 1 && !looksUp(changed.getFirst());
    return direct ? direct(changed.getFirst()) : general();
  }

  private boolean looksUp(Scan scan) {
    return (hasDelta(scan) && changes.of(scan.table().oid()).form() == Form.KEYED_LOOKUP)
        || slice.readsVirtualColumn(scan);
  }

  /** Otherwise it is time alone that changed the source. */
  private boolean hasDelta(Scan scan) {
    return changes.oids().contains(scan.table().oid());
  }

  private ChangedKeys keys(Scan scan) {
    return new ChangedKeys(scan, looksUp(scan) ? scan.table().primaryKey() : shipped(scan));
  }

  private List<String> shipped(Scan scan) {
    int source = scan.table().oid();
    return hasDelta(scan)
        ? DeltaRelations.keyColumns(changes.of(source))
        : Objects.requireNonNull(slice.clock().get(source)).columns();
  }

  /** One source: each changed key is one row of T, so the delta itself is what to merge. */
  private SqlStatement direct(Scan scan) {
    ChangedKeys keys = keys(scan);
    Scalar present = Scalar.column(keys.present());
    List<Scalar> conditions = slice.spj().conditions();
    Scalar ok =
        conditions.isEmpty()
            ? present
            : Scalar.of(
                "((CASE WHEN ",
                present,
                " THEN ",
                Scalar.join(" AND ", conditions.stream().map(Scalar::grouped).toList(), "TRUE"),
                " END) IS TRUE)");
    var outputs = new ArrayList<Named>();
    for (Named output : slice.outputs()) {
      Optional<Scalar> key = keyOf(scan, output);
      if (key.isPresent()) {
        Scalar value = Scalar.of("(CASE WHEN ", ok, " THEN ", output.value(), " ELSE ", key.get());
        outputs.add(new Named(output.as(), Scalar.of(value, " END)")));
        continue;
      }
      // An expression must not meet a row that WHERE rejects: it may divide by zero there.
      Scalar value = output.value();
      outputs.add(
          value.asColumn().isPresent() || value.columns().isEmpty()
              ? output
              : new Named(output.as(), Scalar.of("(CASE WHEN ", ok, " THEN ", value, " END)")));
    }
    outputs.add(new Named(new ColumnRef("", MergeText.OK), ok));
    String source = render(new Project(keys, outputs));
    return deltas.statement(Map.of(), slice.merge(target).apply(source));
  }

  /**
   * The key by which the old row is found, if it is stored in the place of another column that the
   * conditions make equal to it: a key that is gone comes without that column, and in a row that
   * they reject the two may differ. Of key columns that share a place all have to be equal.
   */
  private Optional<Scalar> keyOf(Scan scan, Named output) {
    List<String> places = slice.storedKey(scan);
    List<ColumnRef> all = Equalities.primaryKey(scan);
    List<ColumnRef> here =
        IntStream.range(0, all.size())
            .filter(i -> places.get(i).equals(output.as().column()))
            .mapToObj(all::get)
            .toList();
    if (here.isEmpty() || here.equals(output.value().asColumn().stream().toList())) {
      return Optional.empty();
    }
    ColumnRef first = here.getFirst();
    List<Scalar> same = here.stream().skip(1).map(other -> Scalar.of(first, " = ", other)).toList();
    return Optional.of(
        same.isEmpty()
            ? Scalar.column(first)
            : Scalar.of("CASE WHEN ", Scalar.join(" AND ", same, "TRUE"), " THEN ", first, " END"));
  }

  private String render(Operator tree) {
    return deltas.select(tree, tree.columns().stream().map(ColumnRef::column).toList());
  }

  /** The new rows meet the old ones by identity; the old ones are then known by their place. */
  private SqlStatement general() {
    List<Operator> terms = new ArrayList<>();
    for (int i = 0; i < changed.size(); i++) {
      terms.add(term(changed.get(i), changed.subList(0, i)));
    }
    String now = render(terms.size() == 1 ? terms.getFirst() : new UnionAll(terms));
    return deltas.statement(Map.of(), slice.merge(target).exchange(touched(), now));
  }

  /** The places and identities of the rows of T that hold a changed key. */
  private String touched() {
    return changed.stream().map(this::touched).collect(Collectors.joining("\nUNION\n"));
  }

  /**
   * A delta has one row per key, so where distinct bytes are distinct values a join finds no row of
   * T twice. Then the planner knows how many keys there are; of those that it has to make distinct
   * for EXISTS it assumes two hundred, and looks fifty thousand up one by one.
   */
  private String touched(Scan scan) {
    RowMatch match = slice.match(scan);
    String columns =
        slice.identity().columns().stream()
            .map(c -> "t." + quote(c.name()))
            .collect(Collectors.joining(", ", "t.ctid AS " + quote(MergeText.PLACE) + ", ", ""));
    String keys = deltas.name(keys(scan)) + " AS k";
    String found = match.condition("t", "k", scan.table().primaryKey());
    String owned = slice.rows().owned("t");
    boolean distinct =
        match.isPlain()
            && match.columns().stream().allMatch(c -> RowMatch.equalMeansIdentical(c.type()));
    return "SELECT "
        + columns
        + " FROM "
        + target
        + " AS t "
        + (distinct
            ? "JOIN " + keys + " ON " + found + owned
            : "WHERE EXISTS (SELECT 1 FROM " + keys + " WHERE " + found + ")" + owned);
  }

  /** Q⟨scan⟩ without the rows that hold a changed key of one of {@code earlier}. */
  private Operator term(Scan scan, List<Scan> earlier) {
    Operator input = slice.spj().source(s -> s.equals(scan) ? changedRows(s) : s);
    for (Scan before : earlier) {
      input = new Filter(input, holdsNoChangedKey(before));
    }
    var outputs = new ArrayList<>(slice.outputs());
    outputs.add(new Named(new ColumnRef("", MergeText.OK), Scalar.of("TRUE")));
    return new Project(input, outputs);
  }

  /** The new rows of the changed keys. */
  private Operator changedRows(Scan scan) {
    if (!looksUp(scan)) {
      ChangedKeys keys = keys(scan);
      return new Filter(keys, Scalar.column(keys.present()));
    }
    ChangedKeys keys = keys(new Scan("__freshet_keys_" + scan.relation(), scan.table()));
    List<Scalar> found = keyEquality(scan, keys.scan().relation());
    return new Join(List.of(keys, scan), found);
  }

  private List<Scalar> keyEquality(Scan scan, String keysRelation) {
    List<Scalar> there =
        scan.table().primaryKey().stream()
            .map(column -> Scalar.column(new ColumnRef(keysRelation, column)))
            .toList();
    return List.of(slice.match(scan).equal(keyOf(scan), there));
  }

  private static List<Scalar> keyOf(Scan scan) {
    return Equalities.primaryKey(scan).stream().map(Scalar::column).toList();
  }

  private Scalar holdsNoChangedKey(Scan scan) {
    List<Scalar> changedKey =
        scan.table().primaryKey().stream()
            .map(column -> Scalar.of("\"__freshet_x\"." + quote(column)))
            .toList();
    return Scalar.of(
        "NOT EXISTS (SELECT 1 FROM " + deltas.name(keys(scan)) + " AS \"__freshet_x\" WHERE ",
        slice.match(scan).equal(changedKey, keyOf(scan)),
        ")");
  }
}
