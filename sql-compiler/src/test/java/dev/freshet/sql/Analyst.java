package dev.freshet.sql;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.SourceTable.Kind;
import dev.freshet.sql.SourceTable.ReplicaIdentity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Lets PostgreSQL analyse queries, through temporary views that are rolled back. */
final class Analyst implements Postgres {
  private static final String VIEW = "__freshet_probe";

  /**
   * What PostgreSQL has said before, for as long as tables and types stay as they are: sources by
   * oid, types by oid and modifier.
   */
  static final class Memory {
    private final Map<Integer, SourceTable> sources = new HashMap<>();
    private final Map<List<Integer>, ColumnType> types = new HashMap<>();
  }

  private final Connection connection;
  private final Memory memory;

  /**
   * @param connection in a transaction, search_path empty
   */
  Analyst(Connection connection) {
    this(connection, new Memory());
  }

  Analyst(Connection connection, Memory memory) {
    this.connection = connection;
    this.memory = memory;
  }

  @Override
  public List<OutputColumn> describe(String select) {
    return asView(select, this::outputs);
  }

  @Override
  public String normalise(String select) {
    return asView(select, () -> definition("pg_temp." + VIEW));
  }

  /** The view's columns; asked in full only if one of them has a type that is not known yet. */
  private List<OutputColumn> outputs() throws SQLException {
    List<OutputColumn> outputs = new ArrayList<>();
    List<List<Integer>> types = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT attname, atttypid::int8, atttypmod FROM pg_attribute"
                    + " WHERE attrelid = 'pg_temp."
                    + VIEW
                    + "'::regclass AND attnum > 0 ORDER BY attnum")) {
      boolean known = true;
      while (rows.next()) {
        types.add(List.of((int) rows.getLong(2), rows.getInt(3)));
        ColumnType type = memory.types.get(types.getLast());
        known &= type != null;
        if (known) {
          outputs.add(new OutputColumn(rows.getString(1), type));
        }
      }
      if (known) {
        return outputs;
      }
    }
    List<OutputColumn> all = columns();
    for (int i = 0; i < all.size(); i++) {
      memory.types.put(types.get(i), all.get(i).type());
    }
    return all;
  }

  @Override
  public String evaluate(String expression) {
    try {
      execute("SAVEPOINT evaluated");
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT " + expression)) {
        row.next();
        return row.getString(1);
      } finally {
        execute("ROLLBACK TO SAVEPOINT evaluated; RELEASE SAVEPOINT evaluated");
      }
    } catch (SQLException e) {
      throw new PostgresRejectedException(
          String.valueOf(e.getSQLState()), e.getMessage() + " in: " + expression);
    }
  }

  @Override
  public Set<FunctionKind> functionKinds(String schema, String name) {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT DISTINCT CASE WHEN p.prokind = 'a' THEN 'AGGREGATE'
              WHEN p.proretset THEN 'SET' ELSE 'SCALAR' END
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname = ? AND p.proname = ? AND p.prokind IN ('a', 'f')\
            """)) {
      statement.setString(1, schema);
      statement.setString(2, name);
      Set<FunctionKind> kinds = new LinkedHashSet<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          kinds.add(FunctionKind.valueOf(row.getString(1)));
        }
      }
      return kinds;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String viewDefinition(TableName view) {
    try {
      return definition(view.toString());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Any query may read the clock; the compiler finds out where. */
  private static final Calls CALLS = new Calls(List.of(new Calls.Call("now()", false)), List.of());

  AnalyzedQuery analyze(String query) {
    return asView(
        query,
        () -> {
          List<SourceTable> sources = new ArrayList<>();
          try (PreparedStatement statement =
              connection.prepareStatement(
                  """
                  WITH RECURSIVE reached(oid) AS (
                    SELECT ?::regclass::oid
                    UNION
                    SELECT d.refobjid FROM reached v
                    JOIN pg_class c ON c.oid = v.oid AND c.relkind = 'v'
                    JOIN pg_rewrite r ON r.ev_class = v.oid
                    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
                  )
                  SELECT oid::int8 FROM reached WHERE oid <> ?::regclass ORDER BY 1\
                  """)) {
            statement.setString(1, "pg_temp." + VIEW);
            statement.setString(2, "pg_temp." + VIEW);
            try (ResultSet rows = statement.executeQuery()) {
              while (rows.next()) {
                sources.add(known(rows.getInt(1)));
              }
            }
          }
          return new AnalyzedQuery(
              query,
              definition("pg_temp." + VIEW),
              outputs(),
              sources,
              CALLS,
              connection.getMetaData().getDatabaseMajorVersion());
        });
  }

  private interface Read<T> {
    T read() throws SQLException;
  }

  private <T> T asView(String select, Read<T> read) {
    try {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SAVEPOINT asked; CREATE TEMPORARY VIEW " + VIEW + " AS " + select);
        return read.read();
      } finally {
        execute("ROLLBACK TO SAVEPOINT asked; RELEASE SAVEPOINT asked");
      }
    } catch (SQLException e) {
      throw new PostgresRejectedException(
          String.valueOf(e.getSQLState()), e.getMessage() + " in: " + select);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private String definition(String view) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT pg_get_viewdef(?::regclass, false)")) {
      statement.setString(1, view);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1).strip().replaceFirst(";$", "");
      }
    }
  }

  private List<OutputColumn> columns() throws SQLException {
    List<OutputColumn> columns = new ArrayList<>();
    for (SourceTable.Column column : columns("pg_temp." + VIEW)) {
      columns.add(new OutputColumn(column.name(), column.type()));
    }
    return columns;
  }

  private List<SourceTable.Column> columns(String regclass) throws SQLException {
    List<SourceTable.Column> columns = new ArrayList<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            WITH RECURSIVE a AS (
              SELECT attnum, attname, attnotnull, attgenerated, atttypid, atttypmod, attcollation
              FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped
            ), base AS (
              SELECT attnum, atttypid AS oid FROM a
              UNION ALL
              SELECT b.attnum, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.oid
              WHERE t.typtype = 'd'
            )
            SELECT a.attname, a.attnotnull, a.attgenerated = 'v',
              format_type(a.atttypid, a.atttypmod), a.atttypid::int8, t.typname,
              EXISTS (SELECT 1 FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
                WHERE o.opcdefault AND m.amname IN ('btree', 'hash')
                  AND (o.opcintype = t.oid OR o.opcintype = CASE
                    WHEN t.typname = 'varchar' THEN 'text'::regtype
                    WHEN t.typname = 'cidr' THEN 'inet'::regtype
                    WHEN t.typtype = 'e' THEN 'anyenum'::regtype
                    WHEN t.typcategory = 'A' THEN 'anyarray'::regtype
                    WHEN t.typtype = 'r' THEN 'anyrange'::regtype END)),
              EXISTS (SELECT 1 FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
                JOIN pg_amproc p ON p.amprocfamily = o.opcfamily AND p.amprocnum = 2
                WHERE o.opcdefault AND m.amname = 'hash'
                  AND (o.opcintype = t.oid OR o.opcintype = CASE
                    WHEN t.typname = 'varchar' THEN 'text'::regtype
                    WHEN t.typname = 'cidr' THEN 'inet'::regtype
                    WHEN t.typtype = 'e' THEN 'anyenum'::regtype
                    WHEN t.typcategory = 'A' THEN 'anyarray'::regtype
                    WHEN t.typtype = 'r' THEN 'anyrange'::regtype END)),
              t.typcategory = 'A' OR t.typtype = 'c', element.typname,
              (SELECT quote_ident(n.nspname) || '.' || quote_ident(l.collname) FROM pg_collation l
                JOIN pg_namespace n ON n.oid = l.collnamespace
                WHERE l.oid = a.attcollation AND l.oid <> t.typcollation)
            FROM a
            JOIN base ON base.attnum = a.attnum
            JOIN pg_type t ON t.oid = base.oid AND t.typtype <> 'd'
            LEFT JOIN pg_type element ON element.oid = t.typelem
            ORDER BY a.attnum\
            """)) {
      statement.setString(1, regclass);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          boolean array = rows.getBoolean(9);
          boolean bareElements =
              array && List.of("json", "xml", "point").contains(String.valueOf(rows.getString(10)));
          columns.add(
              new SourceTable.Column(
                  rows.getString(1),
                  new ColumnType(
                      rows.getString(4),
                      rows.getInt(5),
                      rows.getString(6),
                      rows.getBoolean(7) && !bareElements,
                      rows.getBoolean(8) && !bareElements,
                      array),
                  rows.getBoolean(2),
                  rows.getBoolean(3),
                  Optional.ofNullable(rows.getString(11))));
        }
      }
    }
    return columns;
  }

  private SourceTable known(int oid) throws SQLException {
    SourceTable source = memory.sources.get(oid);
    if (source == null) {
      source = source(oid);
      memory.sources.put(oid, source);
    }
    return source;
  }

  private SourceTable source(int oid) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT n.nspname, c.relname, c.relkind::text, c.relpersistence::text, c.reltuples,
              ARRAY(SELECT a.attname::text FROM pg_index i, unnest(i.indkey) WITH ORDINALITY k(att, nr),
                  pg_attribute a
                WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.att
                ORDER BY k.nr)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?\
            """)) {
      statement.setInt(1, oid);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return new SourceTable(
            oid,
            new TableName(rows.getString(1), rows.getString(2)),
            switch (rows.getString(3)) {
              case "r" -> rows.getString(4).equals("u") ? Kind.UNLOGGED : Kind.TABLE;
              case "p" -> Kind.PARTITIONED;
              case "m" -> Kind.MATERIALIZED_VIEW;
              case "f" -> Kind.FOREIGN;
              default -> Kind.VIEW;
            },
            columns(new TableName(rows.getString(1), rows.getString(2)).toString()),
            List.of((String[]) rows.getArray(6).getArray()),
            ReplicaIdentity.FULL,
            rows.getDouble(5));
      }
    }
  }
}
