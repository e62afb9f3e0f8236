package dev.freshet.sql.parse;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SourceTable.Kind;
import dev.freshet.sql.SourceTable.ReplicaIdentity;
import dev.freshet.sql.TableName;
import dev.freshet.sql.tree.InnerState;
import dev.freshet.sql.tree.Recursion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The recursive common table expressions of a query, and the aggregates within it that are kept. In
 * its trees each is a table under a name that no schema has; to PostgreSQL, asked about such a
 * tree, it is a row of the table's types.
 */
public final class Recursions implements Postgres {
  private final Postgres server;
  private final Map<TableName, SourceTable> tables = new LinkedHashMap<>();
  private final List<Recursion> all = new ArrayList<>();

  public Recursions(Postgres server) {
    this.server = server;
  }

  /** Each after those that it reads. */
  public List<Recursion> all() {
    return List.copyOf(all);
  }

  /** A name for the rows of a common table expression. */
  TableName name(String common) {
    TableName name = new TableName(Recursion.SCHEMA, common);
    for (int suffix = 2; tables.containsKey(name); suffix++) {
      name = new TableName(Recursion.SCHEMA, common + "_" + suffix);
    }
    return name;
  }

  /** Oids that no relation has. */
  int oid() {
    return -1 - tables.size();
  }

  /** PostgreSQL may be asked about trees that read it from now on. */
  void know(SourceTable table) {
    tables.put(table.name(), table);
  }

  /** A table for the groups of an aggregate, which trees may read from now on. */
  public SourceTable state(List<SourceTable.Column> columns, List<String> primaryKey) {
    long others =
        tables.keySet().stream().filter(t -> t.schema().equals(InnerState.SCHEMA)).count();
    var table =
        new SourceTable(
            oid(),
            new TableName(InnerState.SCHEMA, "state" + (others + 1)),
            Kind.TABLE,
            columns,
            primaryKey,
            ReplicaIdentity.NOTHING,
            -1);
    know(table);
    return table;
  }

  void add(Recursion recursion) {
    all.add(recursion);
  }

  @Override
  public List<OutputColumn> describe(String select) {
    String text = select;
    for (SourceTable table : tables.values()) {
      text = text.replace(table.name().toString(), row(table));
    }
    return server.describe(text);
  }

  private static String row(SourceTable table) {
    return table.columns().stream()
        .map(c -> "NULL::" + c.type().name() + " AS " + quote(c.name()))
        .collect(Collectors.joining(", ", "(SELECT NULL::tid AS \"ctid\", ", ")"));
  }

  @Override
  public String normalise(String select) {
    return server.normalise(select);
  }

  @Override
  public String evaluate(String expression) {
    return server.evaluate(expression);
  }

  @Override
  public Set<FunctionKind> functionKinds(String schema, String name) {
    return server.functionKinds(schema, name);
  }

  @Override
  public String viewDefinition(TableName view) {
    return server.viewDefinition(view);
  }
}
