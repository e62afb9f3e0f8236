package dev.freshet.sql.parse;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SourceTable.Kind;
import dev.freshet.sql.SourceTable.ReplicaIdentity;
import dev.freshet.sql.TableName;
import dev.freshet.sql.parse.Lowering.Environment;
import dev.freshet.sql.parse.Lowering.Lowered;
import dev.freshet.sql.parse.Scope.Visible;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Origins;
import dev.freshet.sql.tree.Recursion;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Lowers common table expressions that read themselves: each to a table that the query, and its own
 * step, scan. A query that names one several times scans it several times.
 */
final class RecursiveLowering {
  private static final Set<String> SYSTEM_COLUMNS =
      Set.of("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid");

  private final Lowering lowering;
  private final Recursions recursions;
  private final Map<Syntax.With, SourceTable> tables = new HashMap<>();

  RecursiveLowering(Lowering lowering, Recursions recursions) {
    this.lowering = lowering;
    this.recursions = recursions;
  }

  /** The rows of a common table expression, or of itself if it is being read. */
  Lowered rows(Syntax.With with, Environment environment) {
    SourceTable table = tables.get(with);
    if (table == null) {
      table = read(with, environment);
    }
    var scan = new Scan(lowering.fresh(with.name()), table);
    // A projection: its rows are not of a table's row type.
    List<String> names = table.columns().stream().map(SourceTable.Column::name).toList();
    List<ColumnRef> refs = Lowering.refs(lowering.fresh(with.name()), names);
    List<Named> outputs = new ArrayList<>();
    for (int i = 0; i < refs.size(); i++) {
      outputs.add(new Named(refs.get(i), Scalar.column(scan.columns().get(i))));
    }
    return new Lowered(new Project(scan, outputs), SelectLowering.visible(names, refs));
  }

  private SourceTable read(Syntax.With with, Environment around) {
    Parts parts = parts(with.query());
    var environment = new Environment(Map.of(with.name(), with), around.outer(), false);
    Lowered base = lowering.query(parts.base(), environment).renamed(with.columns());
    requireAlone(base.tree());
    List<Visible> visible = base.columns();
    List<String> names =
        Lowering.refs("", visible.stream().map(Visible::name).toList()).stream()
            .map(ColumnRef::column)
            .toList();
    Operator first = projected(base, names);
    List<OutputColumn> types = described(parts.base(), environment, names);
    types.forEach(RecursiveLowering::requireUsable);
    if (recursions.all().size() == Recursion.MAX) {
      throw new UnsupportedQueryException("WITH RECURSIVE more than " + Recursion.MAX + " times");
    }
    SourceTable unknown = table(with.name(), types, Set.of());
    recursions.know(unknown);
    tables.put(with, unknown);
    Lowered step = lowering.query(parts.step(), environment);
    requireAlone(step.tree());
    if (Trees.scans(step.tree()).stream().filter(s -> s.table().oid() == unknown.oid()).count()
        != 1) {
      throw new UnsupportedQueryException(
          "WITH RECURSIVE whose recursive part does not read its own rows once, in FROM");
    }
    // To PostgreSQL the step's own rows are, for their types, those of the base.
    var rows = new Syntax.With(with.name(), with.columns(), parts.base(), false);
    var ofBase = new Environment(Map.of(with.name(), rows), Optional.empty(), false);
    Operator next = typed(step, described(parts.step(), ofBase, names), types);
    SourceTable known = neverNull(unknown, types, first, next);
    recursions.know(known);
    tables.put(with, known);
    var recursion = new Recursion(known, parts.all(), first, rescanned(next, known));
    recursion
        .obstacle()
        .ifPresent(
            what -> {
              throw new UnsupportedQueryException("WITH RECURSIVE with " + what);
            });
    recursions.add(recursion);
    return known;
  }

  private record Parts(Syntax base, Syntax step, boolean all) {}

  /**
   * PostgreSQL wants {@code base UNION [ALL] step}, and prints longer unions from left to right.
   */
  private static Parts parts(Syntax query) {
    return switch (query) {
      case Syntax.WithQuery(boolean recursive, var expressions, Syntax body) -> {
        Parts inner = parts(body);
        yield new Parts(
            new Syntax.WithQuery(recursive, expressions, inner.base()),
            new Syntax.WithQuery(recursive, expressions, inner.step()),
            inner.all());
      }
      case Syntax.SetOperation(var kind, boolean all, var branches)
          when kind == Syntax.SetOperation.Kind.UNION -> {
        List<Syntax> first = branches.subList(0, branches.size() - 1);
        yield new Parts(
            first.size() == 1 ? first.getFirst() : new Syntax.SetOperation(kind, all, first),
            branches.getLast(),
            all);
      }
      default -> throw new UnsupportedQueryException("WITH RECURSIVE without UNION: " + query);
    };
  }

  private static void requireAlone(Operator tree) {
    if (!Trees.free(tree).isEmpty()) {
      throw new UnsupportedQueryException("WITH RECURSIVE in a correlated sub-query");
    }
  }

  /** Rows are found by value, in a hash index. */
  private static void requireUsable(OutputColumn column) {
    if (!column.type().comparable() || !column.type().hashable()) {
      throw new UnsupportedQueryException(
          "WITH RECURSIVE: rows cannot be found by column %s, the type %s has no hash function"
              .formatted(column.name(), column.type().name()));
    }
    if (SYSTEM_COLUMNS.contains(column.name())) {
      throw new UnsupportedQueryException(
          "WITH RECURSIVE: a column is named " + column.name() + " as a system column");
    }
  }

  private SourceTable table(String common, List<OutputColumn> types, Set<String> notNull) {
    return new SourceTable(
        recursions.oid(),
        recursions.name(common),
        Kind.TABLE,
        types.stream()
            .map(c -> new SourceTable.Column(c.name(), c.type(), notNull.contains(c.name()), false))
            .toList(),
        List.of(),
        ReplicaIdentity.NOTHING,
        -1);
  }

  /** Under names of their own. */
  private Operator projected(Lowered lowered, List<String> names) {
    List<ColumnRef> refs = Lowering.refs(lowering.fresh("base"), names);
    List<Named> outputs = new ArrayList<>();
    for (int i = 0; i < refs.size(); i++) {
      outputs.add(new Named(refs.get(i), Scalar.column(lowered.columns().get(i).ref())));
    }
    return new Project(lowered.tree(), outputs);
  }

  private List<OutputColumn> described(Syntax query, Environment environment, List<String> names) {
    String list = names.stream().map(TableName::quote).collect(Collectors.joining(", "));
    return recursions.describe(
        "SELECT * FROM (" + environment.text(query) + ") AS q (" + list + ")");
  }

  /** The step's columns in the types of the base: PostgreSQL converts them silently. */
  private Operator typed(Lowered step, List<OutputColumn> found, List<OutputColumn> wanted) {
    List<String> names = wanted.stream().map(OutputColumn::name).toList();
    List<ColumnRef> refs = Lowering.refs(lowering.fresh("step"), names);
    List<Named> outputs = new ArrayList<>();
    for (int i = 0; i < refs.size(); i++) {
      ColumnRef own = step.columns().get(i).ref();
      String type = wanted.get(i).type().name();
      boolean same = found.get(i).type().name().equals(type);
      outputs.add(
          new Named(refs.get(i), same ? Scalar.column(own) : Scalar.of("(", own, ")::" + type)));
    }
    return new Project(step.tree(), outputs);
  }

  /**
   * The table with those columns declared never NULL that the base never makes NULL, nor the step
   * of rows that have none.
   */
  private static SourceTable neverNull(
      SourceTable table, List<OutputColumn> types, Operator base, Operator step) {
    var origins = new Origins(base);
    SourceTable assumed = table;
    for (int round = 0; round <= types.size(); round++) {
      Operator next = rescanned(step, assumed);
      var ofStep = new Origins(next);
      List<SourceTable.Column> columns = new ArrayList<>();
      for (int i = 0; i < types.size(); i++) {
        SourceTable.Column column = assumed.columns().get(i);
        boolean notNull =
            round == 0
                ? origins.neverNull(base.columns().get(i))
                : column.notNull() && ofStep.neverNull(next.columns().get(i));
        columns.add(new SourceTable.Column(column.name(), column.type(), notNull, false));
      }
      SourceTable found = withColumns(assumed, columns);
      if (round > 0 && found.equals(assumed)) {
        return found;
      }
      assumed = found;
    }
    return assumed;
  }

  private static SourceTable withColumns(SourceTable table, List<SourceTable.Column> columns) {
    return new SourceTable(
        table.oid(),
        table.name(),
        table.kind(),
        columns,
        table.primaryKey(),
        table.replicaIdentity(),
        table.estimatedRows());
  }

  /** The step reading the table as it is known in the end. */
  private static Operator rescanned(Operator tree, SourceTable table) {
    return tree instanceof Scan(String relation, SourceTable own) && own.oid() == table.oid()
        ? new Scan(relation, table)
        : Trees.withInputs(
            tree, tree.inputs().stream().map(input -> rescanned(input, table)).toList());
  }
}
