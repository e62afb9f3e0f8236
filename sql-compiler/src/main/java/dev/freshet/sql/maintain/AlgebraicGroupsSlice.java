package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.delta.Reading;
import dev.freshet.sql.delta.Shape;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.Branch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Groups whose aggregates follow from their old values and the delta: COUNT, SUM, AVG over exact
 * numbers, MIN, MAX. A group is there as long as its rows are; without group columns there is
 * always exactly one.
 */
public final class AlgebraicGroupsSlice implements Slice {
  private final SliceRows rows;
  private final GroupedQuery query;
  private final States states;
  private final GroupStorage storage;
  private final List<DeltaNeed> needs;
  private final OperatorNote note;

  AlgebraicGroupsSlice(
      SliceRows rows, GroupedQuery query, GroupColumns columns, OperatorNote note) {
    this.rows = rows;
    this.query = query;
    this.states = States.of(query, columns);
    this.note = note;
    this.storage =
        new GroupStorage(
            rows, query.outputs().stream().map(o -> states.resolve(o.value())).toList());
    query.aggregate().groups().forEach(group -> storage.addGroup(group, columns.group(group.as())));
    for (State state : states.all()) {
      storage.addState(state.ref(), states.type(state), state.call().toString());
    }
    this.needs = GroupNeeds.of(query, states.all());
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
    return storage.rowIdentity();
  }

  @Override
  public List<HiddenColumn> hidden() {
    return storage.hidden();
  }

  @Override
  public String storageSelect() {
    List<Call> calls = states.all().stream().map(s -> new Call(s.ref(), s.call())).toList();
    Operator aggregate =
        new Aggregate(query.aggregate().input(), query.aggregate().groups(), calls);
    return SelectRenderer.select(new Project(aggregate, storage.columns()), storage.names());
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

  @Override
  public List<SqlStatement> full(TableName target) {
    var merge = new MergeText(target, rows, storage.names(), storage.match());
    return List.of(SqlText.finish(merge.replace(storageSelect())));
  }

  @Override
  public List<SqlStatement> incremental(TableName target, Changes changes) {
    return change(changes, false)
        .map(change -> List.of(change.statement(merge(target, change))))
        .orElse(List.of());
  }

  /**
   * What a refresh adds to the groups.
   *
   * @param source a SELECT of the groups' columns and the states' changes
   * @param values what is written for a row {@code n} of it and the stored row {@code __freshet_t}
   */
  record Change(
      DeltaRelations relations, Map<String, String> steps, String source, StateUpdate values) {
    static final String ROW = "__freshet_t";

    SqlStatement statement(String body) {
      return relations.statement(steps, body);
    }

    /** A query behind words such as CREATE TABLE … AS. */
    SqlStatement statement(String before, String body) {
      return relations.statement(before, steps, body);
    }
  }

  /**
   * The change, or empty if nothing that the groups are made of changed.
   *
   * @param always whether a group is named even if the changes in it add up to nothing
   */
  Optional<Change> change(Changes changes, boolean always) {
    Function<Scan, Shape> shapes = Shapes.of(changes, this::need);
    var differentiation = new Differentiation(changes.oids(), shapes, query.types());
    List<Weighted> deltas = new ArrayList<>();
    List<Branch> branches = new ArrayList<>();
    for (Branch branch : query.branches()) {
      Optional<Weighted> delta = differentiation.delta(branch.source());
      delta.ifPresent(
          d -> {
            deltas.add(d);
            branches.add(branch);
          });
    }
    if (deltas.isEmpty()) {
      return Optional.empty();
    }
    Operator tree =
        new StateDelta(query, storage, states.all(), shapes).tree(deltas, branches, always);
    var relations = new DeltaRelations(changes);
    Map<String, String> steps = StepText.of(differentiation, relations);
    List<String> names = tree.columns().stream().map(ColumnRef::column).toList();
    String source = relations.select(tree, names);
    var values = new StateUpdate(query, states, storage, Change.ROW);
    values.recomputations().forEach(read -> changes.observer().accept(new Reading("", read)));
    return Optional.of(new Change(relations, steps, source, values));
  }

  GroupStorage storage() {
    return storage;
  }

  /** How many rows a group has. */
  State size() {
    return states.rows();
  }

  private DeltaNeed need(Scan scan) {
    return needs.stream()
        .filter(need -> need.source().oid() == scan.table().oid())
        .findFirst()
        .orElseThrow();
  }

  private String merge(TableName target, Change change) {
    StateUpdate updated = change.values();
    boolean grouped = !query.aggregate().groups().isEmpty();
    var text = new StringBuilder();
    text.append("MERGE INTO ").append(target).append(" AS \"__freshet_t\" USING (\n");
    text.append(change.source()).append("\n) AS n ON ");
    text.append(storage.match().condition("\"__freshet_t\"", "n"));
    text.append(rows.owned("\"__freshet_t\"")).append('\n');
    if (grouped) {
      text.append("WHEN MATCHED AND ").append(updated.value(states.rows()));
      text.append(" = 0 THEN DELETE\n");
    }
    List<String> groups = storage.match().columns().stream().map(column -> column.name()).toList();
    var sets = new ArrayList<String>();
    var names = new ArrayList<String>();
    var values = new ArrayList<String>();
    for (var column : storage.columns()) {
      String name = column.as().column();
      names.add(quote(name));
      if (groups.contains(name)) {
        values.add("n." + quote(name));
      } else {
        sets.add(quote(name) + " = " + updated.updated(column.value()));
        values.add(updated.inserted(column.value()));
      }
    }
    text.append("WHEN MATCHED THEN UPDATE SET ").append(String.join(", ", sets)).append('\n');
    if (grouped) {
      rows.branch()
          .ifPresent(
              branch -> {
                names.add(quote(SliceRows.BRANCH));
                values.add(String.valueOf(branch));
              });
      text.append("WHEN NOT MATCHED AND ").append(updated.insertedValue(states.rows()));
      text.append(" > 0 THEN INSERT (").append(String.join(", ", names));
      text.append(") VALUES (").append(String.join(", ", values)).append(")");
    }
    return text.toString();
  }
}
