package dev.freshet.sql.parse;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import dev.freshet.sql.parse.Scope.Visible;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns syntax into an operator tree: names are resolved here, once, and every relation gets a name
 * that is unique in the tree.
 *
 * <p>A common table expression is lowered wherever it is named: without volatile functions its rows
 * are the same each time. ORDER BY without LIMIT orders nothing that a table keeps, and is left
 * out.
 */
public final class Lowering {
  private final AnalyzedQuery query;
  private final Set<String> relationNames = new HashSet<>();

  private Lowering(AnalyzedQuery query) {
    this.query = query;
  }

  /** A query's tree, and the names of its columns. */
  record Lowered(Operator tree, List<Visible> columns) {}

  /**
   * Reads a query's definition.
   *
   * @throws UnsupportedQueryException if it cannot be maintained incrementally, with the reason
   */
  public static Operator lower(AnalyzedQuery query, Postgres postgres) {
    Syntax syntax = DefinitionReader.read(query.definition(), postgres);
    Lowered lowered = new Lowering(query).query(syntax, Map.of());
    List<String> expected = query.columns().stream().map(AnalyzedQuery.OutputColumn::name).toList();
    List<String> read = lowered.columns().stream().map(Visible::name).toList();
    if (!read.equals(expected)) {
      throw new UnsupportedQueryException("columns " + expected + " were read as " + read);
    }
    return lowered.tree();
  }

  private String unique(String name) {
    String candidate = name;
    for (int suffix = 2; !relationNames.add(candidate); suffix++) {
      candidate = name + "_" + suffix;
    }
    return candidate;
  }

  private Lowered query(Syntax syntax, Map<String, Syntax.With> common) {
    return switch (syntax) {
      case Syntax.WithQuery(var expressions, Syntax body) -> {
        Map<String, Syntax.With> all = new HashMap<>(common);
        for (Syntax.With with : expressions) {
          // What a later expression names is what came before it: bind it now.
          all.put(
              with.name(),
              new Syntax.With(with.name(), with.columns(), bound(with.query(), Map.copyOf(all))));
        }
        yield query(body, all);
      }
      case Syntax.UnionAll(var branches, _) -> union(branches, common);
      case Syntax.Select select -> new SelectLowering(this, common).select(select);
    };
  }

  /** A query that carries the common table expressions it may name. */
  private static Syntax bound(Syntax query, Map<String, Syntax.With> common) {
    return common.isEmpty() ? query : new Syntax.WithQuery(List.copyOf(common.values()), query);
  }

  private Lowered union(List<Syntax> branches, Map<String, Syntax.With> common) {
    List<Lowered> lowered = branches.stream().map(b -> query(b, common)).toList();
    String relation = unique("union");
    List<Visible> first = lowered.getFirst().columns();
    List<Operator> inputs = new ArrayList<>();
    for (Lowered branch : lowered) {
      List<Named> outputs = new ArrayList<>();
      for (int i = 0; i < first.size(); i++) {
        outputs.add(
            new Named(
                new ColumnRef(relation, first.get(i).name()),
                Scalar.column(branch.columns().get(i).ref())));
      }
      inputs.add(new Operator.Project(branch.tree(), outputs));
    }
    List<Visible> columns =
        first.stream().map(c -> new Visible(c.name(), new ColumnRef(relation, c.name()))).toList();
    return new Lowered(new Operator.UnionAll(inputs), columns);
  }

  /** A relation named in FROM. */
  Lowered table(Syntax.Table table, Map<String, Syntax.With> common) {
    Lowered found =
        table.schema().isEmpty() && common.containsKey(table.name())
            ? common(common.get(table.name()), common)
            : scan(table);
    return table.columns().isEmpty() ? found : renamed(found, table.columns());
  }

  private Lowered common(Syntax.With with, Map<String, Syntax.With> common) {
    Lowered lowered = query(with.query(), common);
    return with.columns().isEmpty() ? lowered : renamed(lowered, with.columns());
  }

  private Lowered scan(Syntax.Table table) {
    SourceTable source = source(table);
    if (!source.kind().deliversChanges()) {
      throw new UnsupportedQueryException(whyNoChanges(source));
    }
    Operator scan = new Operator.Scan(unique(table.alias().orElse(table.name())), source);
    return new Lowered(
        scan, scan.columns().stream().map(ref -> new Visible(ref.column(), ref)).toList());
  }

  private SourceTable source(Syntax.Table table) {
    Optional<SourceTable> source =
        table
            .schema()
            .flatMap(
                schema ->
                    query.sources().stream()
                        .filter(s -> s.name().equals(new TableName(schema, table.name())))
                        .findFirst());
    return source.orElseThrow(
        () -> new UnsupportedQueryException("the relation " + table + " is not known"));
  }

  private static String whyNoChanges(SourceTable source) {
    String name = source.name().toString();
    return switch (source.kind()) {
      case VIEW -> "reads the view " + name + ": name its tables instead";
      case MATERIALIZED_VIEW ->
          "reads the materialized view " + name + ": its refresh is not in the log";
      case FOREIGN -> "reads the foreign table " + name + ": its changes are not in the log";
      case UNLOGGED -> "reads the unlogged table " + name + ": its changes are not in the log";
      case TEMPORARY -> "reads the temporary table " + name;
      case SYSTEM -> "reads the system catalog " + name + ": its changes are not published";
      case INHERITANCE_PARENT ->
          "reads "
              + name
              + ", which has children by INHERITS: their changes come under their names";
      case TABLE, PARTITIONED -> throw new IllegalArgumentException(name + " delivers changes");
    };
  }

  /** Renames the first columns, as a column list after an alias does. */
  Lowered renamed(Lowered lowered, List<String> names) {
    List<Visible> columns = new ArrayList<>();
    for (int i = 0; i < lowered.columns().size(); i++) {
      Visible column = lowered.columns().get(i);
      columns.add(new Visible(i < names.size() ? names.get(i) : column.name(), column.ref()));
    }
    return new Lowered(lowered.tree(), columns);
  }

  /** A sub-select of FROM. */
  Lowered subSelect(Syntax query, Map<String, Syntax.With> common) {
    return query(query, common);
  }

  /** A relation name that the query itself did not give. */
  String fresh(String name) {
    return unique(name);
  }
}
