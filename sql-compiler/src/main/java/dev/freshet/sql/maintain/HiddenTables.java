package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.SourceIndexes;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Equality;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Origins;
import dev.freshet.sql.tree.Recursion;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the rows are that a query keeps beside its result: those of recursions, and the groups of
 * aggregates within it, each in a {@link HiddenTable}; if the query is nothing but the columns of a
 * recursion, its rows are in the stream table itself.
 *
 * @param tables each after those that it reads
 * @param whole the slice of the stream table that is a recursion itself
 */
public record HiddenTables(List<HiddenTable> tables, Optional<RecursiveSlice> whole) {
  public static final HiddenTables NONE = new HiddenTables(List.of(), Optional.empty());

  public HiddenTables {
    tables = List.copyOf(tables);
  }

  /** With the groups of aggregates. */
  public HiddenTables with(List<HiddenTable> states) {
    var all = new ArrayList<>(tables);
    all.addAll(states);
    return new HiddenTables(all, whole);
  }

  /**
   * Plans those of a query's recursions.
   *
   * @param tree the query's
   * @param recursions each after those that it reads
   */
  public static HiddenTables of(
      AnalyzedQuery query, Operator tree, List<Recursion> recursions, Postgres postgres) {
    List<Operator> readers = new ArrayList<>(List.of(tree));
    recursions.forEach(recursion -> readers.addAll(List.of(recursion.base(), recursion.step())));
    List<HiddenTable> tables = new ArrayList<>();
    for (Recursion recursion : recursions) {
      new CallProbe(postgres).check(recursion.base());
      new CallProbe(postgres).check(recursion.step());
      List<String> indexed = lookedUp(recursion, readers);
      Optional<Map<String, String>> names =
          recursion.equals(recursions.getLast())
              ? columns(tree, recursion, query)
              : Optional.empty();
      if (names.isPresent()) {
        var rows = new SliceRows(query.columns(), OptionalInt.empty(), query.serverVersion());
        return new HiddenTables(
            tables, Optional.of(slice(rows, recursion, names.get(), indexed, postgres)));
      }
      tables.add(table(tables.size() + 1, recursion, indexed, query, postgres));
    }
    return new HiddenTables(tables, Optional.empty());
  }

  private static RecursiveSlice slice(
      SliceRows rows,
      Recursion recursion,
      Map<String, String> names,
      List<String> indexed,
      Postgres postgres) {
    return new RecursiveSlice(
        rows,
        recursion,
        names,
        indexed,
        RecursiveSlice.types(recursion, postgres),
        Notes.recursion(recursion));
  }

  private static HiddenTable table(
      int number,
      Recursion recursion,
      List<String> indexed,
      AnalyzedQuery query,
      Postgres postgres) {
    List<OutputColumn> columns =
        recursion.table().columns().stream()
            .map(c -> new OutputColumn(c.name(), c.type()))
            .toList();
    Map<String, String> same = new LinkedHashMap<>();
    columns.forEach(column -> same.put(column.name(), column.name()));
    var rows = new SliceRows(columns, OptionalInt.empty(), query.serverVersion());
    return HiddenTable.of(number, slice(rows, recursion, same, indexed, postgres), columns, query);
  }

  /** Under which names a query returns all columns of a recursion, if it does nothing else. */
  private static Optional<Map<String, String>> columns(
      Operator tree, Recursion recursion, AnalyzedQuery query) {
    Operator source = tree;
    while (source instanceof Project(Operator input, var outputs)
        && outputs.stream().map(Named::value).allMatch(v -> v.asColumn().isPresent())) {
      source = input;
    }
    if (!(source instanceof Scan scan) || scan.table().oid() != recursion.table().oid()) {
      return Optional.empty();
    }
    var origins = new Origins(tree);
    Map<String, String> stored = new LinkedHashMap<>();
    for (int i = 0; i < tree.columns().size(); i++) {
      String own = origins.of(tree.columns().get(i)).orElseThrow().column();
      if (stored.put(own, query.columns().get(i).name()) != null) {
        return Optional.empty();
      }
    }
    if (stored.size() != recursion.table().columns().size()) {
      return Optional.empty();
    }
    Map<String, String> ordered = new LinkedHashMap<>();
    recursion
        .table()
        .columns()
        .forEach(c -> ordered.put(c.name(), Objects.requireNonNull(stored.get(c.name()))));
    return Optional.of(ordered);
  }

  /**
   * The columns by which rows of a recursion are found: those of equalities, groups, and the step.
   */
  private static List<String> lookedUp(Recursion recursion, List<Operator> readers) {
    Set<String> columns = new LinkedHashSet<>();
    for (Operator reader : readers) {
      columns.addAll(compared(reader, new Origins(reader), recursion.table()));
    }
    var origins = new Origins(recursion.step());
    recursion.step().columns().stream()
        .flatMap(ref -> origins.of(ref).stream())
        .filter(origin -> origin.scan().table().oid() == recursion.table().oid())
        .forEach(origin -> columns.add(origin.column()));
    return columns.stream()
        .filter(
            name ->
                RowMatch.hasBuiltInEquality(recursion.table().column(name).orElseThrow().type()))
        .toList();
  }

  /** The columns of a table by which a tree's equalities, groups and partitions find rows. */
  static Set<String> compared(Operator reader, Origins origins, SourceTable table) {
    return Trees.all(reader)
        .flatMap(HiddenTables::compared)
        .flatMap(ref -> origins.of(ref).stream())
        .filter(origin -> origin.scan().table().oid() == table.oid())
        .map(Origins.Origin::column)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static Stream<ColumnRef> compared(Operator operator) {
    List<Scalar> keys =
        switch (operator) {
          case Aggregate(_, var groups, _) -> groups.stream().map(Named::value).toList();
          case Window(_, var partition, _) -> partition;
          case DistinctOn(_, var on, _) -> on;
          default ->
              Trees.scalars(operator).stream()
                  .flatMap(scalar -> Equality.of(scalar).stream())
                  .flatMap(equality -> Stream.of(equality.left(), equality.right()))
                  .toList();
        };
    return keys.stream().flatMap(key -> key.asColumn().stream());
  }

  /** What explain says of the query, beneath what it says of them; the whole's note is its own. */
  public OperatorNote note(OperatorNote query) {
    List<OperatorNote> notes = tables.stream().map(table -> table.rows().note()).toList();
    return notes.isEmpty()
        ? query
        : tables.stream().anyMatch(table -> table.rows() instanceof RecursiveSlice)
            ? Notes.recursive(notes, query)
            : Notes.withStates(notes, query);
  }

  /** Hidden tables have all indexes that they need. */
  public SourceIndexes knownTo(SourceIndexes sources) {
    Set<Integer> own = tables.stream().map(t -> t.source().oid()).collect(Collectors.toSet());
    return new SourceIndexes() {
      @Override
      public boolean find(SourceTable table, Set<String> columns) {
        return own.contains(table.oid()) || sources.find(table, columns);
      }

      @Override
      public List<String> key(SourceTable table, List<String> columns) {
        return own.contains(table.oid()) ? columns : sources.key(table, columns);
      }
    };
  }

  /** A statement that finds the rows of hidden tables where they are stored. */
  public SqlStatement stored(SqlStatement statement, TableName target) {
    String sql = statement.sql();
    if (whole.isPresent()) {
      sql = sql.replace(mark(whole.get()), stored(whole.get(), target));
    }
    return new SqlStatement(inTables(sql, target), statement.parameters());
  }

  /** A statement that fills the stream table from the hidden tables. */
  public SqlStatement filled(SqlStatement statement, TableName target) {
    return new SqlStatement(
        inTables(wholeComputed(statement.sql()), target), statement.parameters());
  }

  /** A statement that reads no stored rows: recursions and kept aggregates are evaluated. */
  public SqlStatement computed(SqlStatement statement) {
    String sql = wholeComputed(statement.sql());
    for (HiddenTable table : tables.reversed()) {
      sql = sql.replace(mark(table.rows()), computed(table.rows()));
    }
    return new SqlStatement(sql, statement.parameters());
  }

  private String wholeComputed(String sql) {
    return whole.isPresent() ? sql.replace(mark(whole.get()), computed(whole.get())) : sql;
  }

  private String inTables(String sql, TableName target) {
    String text = sql;
    for (HiddenTable table : tables) {
      text = text.replace(mark(table.rows()), table.table(target).toString());
    }
    return text;
  }

  private static String mark(HiddenRows rows) {
    return rows.table().name().toString();
  }

  private static String computed(HiddenRows rows) {
    return "(" + SqlText.finish(rows.select()).sql() + ")";
  }

  /** The rows under their names in the recursion, with their places. */
  private static String stored(RecursiveSlice slice, TableName target) {
    var items = new ArrayList<String>(List.of("t.ctid"));
    slice.names().forEach((own, as) -> items.add("t." + quote(as) + " AS " + quote(own)));
    return "(SELECT " + String.join(", ", items) + " FROM " + target + " AS t)";
  }
}
