package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.SelectRenderer;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

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
    this.deltas = new DeltaRelations(changes);
  }

  SqlStatement statement() {
    Spj spj = slice.spj();
    boolean direct = spj.scans().size() == 1 && !looksUp(changed.getFirst());
    return direct ? direct(changed.getFirst()) : general();
  }

  private boolean looksUp(Scan scan) {
    return changes.of(scan.table().oid()).form() == Form.KEYED_LOOKUP
        || slice.readsVirtualColumn(scan);
  }

  private ChangedKeys keys(Scan scan) {
    boolean keysOnly = looksUp(scan);
    var need = changes.of(scan.table().oid()).need();
    List<String> names =
        keysOnly
            ? scan.table().primaryKey()
            : DeltaRelations.columns(need, changes.of(scan.table().oid()).form()).stream()
                .map(Changes.RelationColumn::name)
                .filter(name -> scan.table().column(name).isPresent())
                .toList();
    return new ChangedKeys(scan, names);
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

  private String render(Operator tree) {
    return SelectRenderer.select(
        tree, tree.columns().stream().map(ColumnRef::column).toList(), deltas::name);
  }

  private SqlStatement general() {
    var parts = new LinkedHashMap<String, String>();
    List<Operator> terms = new ArrayList<>();
    for (int i = 0; i < changed.size(); i++) {
      terms.add(term(changed.get(i), changed.subList(0, i)));
    }
    parts.put(
        "\"__freshet_new\"", render(terms.size() == 1 ? terms.getFirst() : new UnionAll(terms)));
    RowMatch identity = slice.identity();
    List<String> key = identity.columns().stream().map(RowMatch.KeyColumn::name).toList();
    String items =
        slice.columnNames().stream()
            .map(c -> key.contains(c) ? "o." + quote(c) : "NULL")
            .collect(Collectors.joining(", "));
    String source =
        """
        SELECT n.*, TRUE AS "__freshet_ok" FROM "__freshet_new" AS n
        UNION ALL
        SELECT %s, FALSE FROM (
        %s
        ) AS o
        WHERE NOT EXISTS (SELECT 1 FROM "__freshet_new" AS n WHERE %s)\
        """
            .formatted(items, touched(key), identity.condition("o", "n"));
    return deltas.statement(parts, slice.merge(target).apply(source));
  }

  /** The identities of the rows of T that hold a changed key. */
  private String touched(List<String> key) {
    String columns = key.stream().map(c -> "t." + quote(c)).collect(Collectors.joining(", "));
    return changed.stream()
        .map(
            scan ->
                "SELECT "
                    + columns
                    + " FROM "
                    + target
                    + " AS t WHERE EXISTS (SELECT 1 FROM "
                    + deltas.name(keys(scan))
                    + " AS k WHERE "
                    + slice.match(scan).condition("t", "k", scan.table().primaryKey())
                    + ")"
                    + slice.rows().owned("t"))
        .collect(Collectors.joining("\nUNION\n"));
  }

  /** Q⟨scan⟩ without the rows that hold a changed key of one of {@code earlier}. */
  private Operator term(Scan scan, List<Scan> earlier) {
    Operator restricted =
        slice.spj().tree(s -> s.equals(scan) ? changedRows(s) : s, slice.outputs());
    if (earlier.isEmpty()) {
      return restricted;
    }
    Project top = (Project) restricted;
    Operator input = top.input();
    for (Scan before : earlier) {
      input = new Filter(input, holdsNoChangedKey(before));
    }
    return new Project(input, top.outputs());
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
