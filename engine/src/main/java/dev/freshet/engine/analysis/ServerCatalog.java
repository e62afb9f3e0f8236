package dev.freshet.engine.analysis;

import dev.freshet.engine.analysis.Analysis.UsedColumn;
import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.ColumnType;
import dev.freshet.sql.Postgres.FunctionKind;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SourceTable.Column;
import dev.freshet.sql.SourceTable.Kind;
import dev.freshet.sql.SourceTable.ReplicaIdentity;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads pg_catalog inside an open transaction. */
final class ServerCatalog {
  private static final String SOURCES =
      """
      WITH RECURSIVE reached(oid, relkind) AS (
        SELECT oid, relkind FROM pg_class WHERE oid = ?
        UNION
        SELECT c.oid, c.relkind FROM reached v
          JOIN pg_rewrite r ON r.ev_class = v.oid AND v.relkind = 'v'
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
          JOIN pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      )
      SELECT oid FROM reached ORDER BY oid
      """;

  private static final String BASES =
      """
      WITH RECURSIVE reached(oid, relkind) AS (
        SELECT oid, relkind FROM pg_class WHERE oid = ?
        UNION
        SELECT c.oid, c.relkind FROM reached v
          JOIN pg_rewrite r ON r.ev_class = v.oid AND v.relkind = 'v'
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
          JOIN pg_class c ON c.oid = d.refobjid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      )
      SELECT oid FROM reached WHERE relkind <> 'v' ORDER BY oid
      """;

  private static final String USED_COLUMNS =
      """
      WITH RECURSIVE view(oid) AS (
        SELECT ?
        UNION
        SELECT c.oid FROM view v
          JOIN pg_rewrite r ON r.ev_class = v.oid
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
          JOIN pg_class c ON c.oid = d.refobjid AND c.relkind = 'v'
      )
      SELECT DISTINCT a.attrelid::int8, a.attnum, a.attname, concat_ws(' ', a.atttypid, a.atttypmod,
          a.attnotnull, (SELECT bool_or(a.attnum = ANY (i.indkey::int2[])) FROM pg_index i
            WHERE i.indrelid = a.attrelid AND i.indisprimary))
      FROM view v
        JOIN pg_rewrite r ON r.ev_class = v.oid
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid AND d.refobjsubid > 0
        JOIN pg_class c ON c.oid = d.refobjid AND c.relkind <> 'v'
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      ORDER BY 1, 2
      """;

  private static final String RELATION =
      """
      SELECT n.nspname, c.relname, c.relkind, c.relpersistence, c.relreplident,
             c.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace),
             EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid),
             CASE WHEN c.relkind = 'p'
                  THEN (SELECT sum(greatest(l.reltuples, 0)) FROM pg_partition_tree(c.oid) t
                          JOIN pg_class l ON l.oid = t.relid WHERE t.isleaf)
                  ELSE c.reltuples END
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ?
      """;

  private static final String COLUMNS =
      """
      SELECT a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated = 'v',
             CASE WHEN a.attcollation <> t.typcollation
                  THEN quote_ident(n.nspname) || '.' || quote_ident(c.collname) END
      FROM pg_attribute a
        JOIN pg_type t ON t.oid = a.atttypid
        LEFT JOIN pg_collation c ON c.oid = a.attcollation
        LEFT JOIN pg_namespace n ON n.oid = c.collnamespace
      WHERE a.attrelid = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      """;

  private static final String PRIMARY_KEY =
      """
      SELECT a.attname FROM pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE i.indrelid = ? AND i.indisprimary AND i.indimmediate AND i.indisvalid
        AND k.position <= i.indnkeyatts
      ORDER BY k.position
      """;

  private static final String FUNCTION_KINDS =
      """
      SELECT DISTINCT CASE WHEN p.prokind = 'a' THEN 'AGGREGATE'
                           WHEN p.proretset THEN 'SET' ELSE 'SCALAR' END
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = ? AND p.proname = ? AND p.prokind IN ('a', 'f')
      """;

  /** Whoever explains a query may not be allowed to see Freshet's schema. */
  private static final String HAS_CATALOG =
      """
      SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'freshet' AND c.relname = 'stream_table'
      """;

  private static final String STREAM_TABLES =
      """
      SELECT c.oid::int8 FROM freshet.stream_table s
        JOIN pg_namespace n ON n.nspname = s.schema_name
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.table_name
      WHERE c.oid::int8 = ANY (?)
      """;

  private final Connection connection;
  private final TypeReader types;

  ServerCatalog(Connection connection) {
    this.connection = connection;
    this.types = new TypeReader(connection);
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  void emptySearchPath() throws SQLException {
    execute("SET LOCAL search_path = ''");
  }

  int majorVersion() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT current_setting('server_version_num')::int / 10000")) {
      row.next();
      return row.getInt(1);
    }
  }

  int oidOf(String regclass) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("SELECT ?::regclass::oid::int8")) {
      statement.setString(1, regclass);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return (int) row.getLong(1);
      }
    }
  }

  String definitionOf(int view) throws SQLException {
    try (PreparedStatement statement = about("SELECT pg_get_viewdef(?::int8::oid)", view);
        ResultSet row = statement.executeQuery()) {
      row.next();
      String text = row.getString(1).strip();
      return text.endsWith(";") ? text.substring(0, text.length() - 1) : text;
    }
  }

  /** A constant of type text. */
  String valueOf(String expression) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT " + expression)) {
      row.next();
      return row.getString(1);
    }
  }

  Set<FunctionKind> functionKinds(String schema, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(FUNCTION_KINDS)) {
      statement.setString(1, schema);
      statement.setString(2, name);
      Set<FunctionKind> kinds = new LinkedHashSet<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          kinds.add(FunctionKind.valueOf(row.getString(1)));
        }
      }
      return kinds;
    }
  }

  List<OutputColumn> columnsOf(int view) throws SQLException {
    List<OutputColumn> columns = new ArrayList<>();
    for (Column column : columnsOfRelation(view)) {
      columns.add(new OutputColumn(column.name(), column.type()));
    }
    return columns;
  }

  /** What the view reads, views and the relations below them included. */
  List<SourceTable> sourcesOf(int view) throws SQLException {
    return relations(SOURCES, view);
  }

  /** What is read and is no view. */
  List<SourceTable> basesOf(int view) throws SQLException {
    return relations(BASES, view);
  }

  List<UsedColumn> usedColumnsOf(int view) throws SQLException {
    List<UsedColumn> used = new ArrayList<>();
    try (PreparedStatement statement = about(USED_COLUMNS.replace("?", "?::int8::oid"), view);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        used.add(
            new UsedColumn(
                (int) row.getLong(1), row.getInt(2), row.getString(3), row.getString(4)));
      }
    }
    return used;
  }

  /** The oids of those tables that the catalog lists as stream tables, if there is a catalog. */
  Set<Integer> streamTablesAmong(List<SourceTable> tables) throws SQLException {
    Set<Integer> found = new HashSet<>();
    if (tables.isEmpty() || !answers(HAS_CATALOG)) {
      return found;
    }
    try (PreparedStatement statement = connection.prepareStatement(STREAM_TABLES)) {
      statement.setArray(
          1,
          connection.createArrayOf(
              "int8", tables.stream().map(table -> Integer.toUnsignedLong(table.oid())).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add((int) row.getLong(1));
        }
      }
    }
    return found;
  }

  private boolean answers(String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private List<SourceTable> relations(String sql, int view) throws SQLException {
    List<Integer> oids = new ArrayList<>();
    try (PreparedStatement statement = about(sql.replace("?", "?::int8::oid"), view);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        oids.add((int) row.getLong(1));
      }
    }
    oids.remove(Integer.valueOf(view));
    List<SourceTable> tables = new ArrayList<>();
    for (int oid : oids) {
      tables.add(relation(oid));
    }
    return tables;
  }

  SourceTable relation(int oid) throws SQLException {
    List<Column> columns = columnsOfRelation(oid);
    List<String> key = primaryKeyOf(oid);
    try (PreparedStatement statement = about(RELATION.replace("?", "?::int8::oid"), oid);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("relation " + oid + " is gone", "42P01");
      }
      return new SourceTable(
          oid,
          new TableName(row.getString(1), row.getString(2)),
          kind(row),
          columns,
          key,
          identity(row.getString(5)),
          row.getDouble(8));
    }
  }

  private static Kind kind(ResultSet row) throws SQLException {
    String relkind = row.getString(3);
    if (row.getBoolean(6)) {
      return Kind.SYSTEM;
    }
    return switch (relkind) {
      case "v" -> Kind.VIEW;
      case "m" -> Kind.MATERIALIZED_VIEW;
      case "f" -> Kind.FOREIGN;
      case "p" -> Kind.PARTITIONED;
      default ->
          switch (row.getString(4)) {
            case "u" -> Kind.UNLOGGED;
            case "t" -> Kind.TEMPORARY;
            default -> row.getBoolean(7) ? Kind.INHERITANCE_PARENT : Kind.TABLE;
          };
    };
  }

  private static ReplicaIdentity identity(String relreplident) {
    return switch (relreplident) {
      case "f" -> ReplicaIdentity.FULL;
      case "n" -> ReplicaIdentity.NOTHING;
      case "i" -> ReplicaIdentity.INDEX;
      default -> ReplicaIdentity.DEFAULT;
    };
  }

  private List<Column> columnsOfRelation(int oid) throws SQLException {
    record Raw(
        String name,
        int type,
        int modifier,
        boolean notNull,
        boolean virtual,
        Optional<String> collation) {}
    List<Raw> raw = new ArrayList<>();
    try (PreparedStatement statement = about(COLUMNS.replace("?", "?::int8::oid"), oid);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        raw.add(
            new Raw(
                row.getString(1),
                (int) row.getLong(2),
                row.getInt(3),
                row.getBoolean(4),
                row.getBoolean(5),
                Optional.ofNullable(row.getString(6))));
      }
    }
    List<Column> columns = new ArrayList<>();
    for (Raw column : raw) {
      ColumnType type = types.read(column.type(), column.modifier());
      columns.add(
          new Column(column.name(), type, column.notNull(), column.virtual(), column.collation()));
    }
    return columns;
  }

  private List<String> primaryKeyOf(int oid) throws SQLException {
    List<String> key = new ArrayList<>();
    try (PreparedStatement statement = about(PRIMARY_KEY.replace("?", "?::int8::oid"), oid);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        key.add(row.getString(1));
      }
    }
    return key;
  }

  private PreparedStatement about(String sql, int oid) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setLong(1, Integer.toUnsignedLong(oid));
    return statement;
  }
}
