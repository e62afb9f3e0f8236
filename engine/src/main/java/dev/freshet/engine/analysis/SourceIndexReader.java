package dev.freshet.engine.analysis;

import dev.freshet.sql.SourceIndexes;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The indexes of the sources as {@code pg_index} has them, and what {@code pg_stats} knows of their
 * columns. An index counts if it is valid, not partial, btree or hash, and compares its first
 * column by PostgreSQL's own {@code =} under the column's own collation; expressions and included
 * columns do not count. A partitioned table has an index that all of its partitions have.
 *
 * <p>Failures of the connection come as {@link Unreadable}.
 */
final class SourceIndexReader implements SourceIndexes {
  /** Up to this size a table is read as fast as a few rows of it are looked up. */
  private static final long SMALL_BYTES = 100 * 8192;

  /** Values that repeat more than this find too large a part of a table for an index to serve. */
  private static final double FEW_VALUES = 100;

  private static final String LEAVES =
      """
      WITH leaf AS (
        SELECT c.oid FROM pg_catalog.pg_class c WHERE c.oid = ?::int8::oid AND c.relkind <> 'p'
        UNION ALL
        SELECT t.relid FROM pg_catalog.pg_partition_tree(?::int8::oid::regclass) t WHERE t.isleaf
      )
      """;

  private static final String BYTES =
      LEAVES + "SELECT coalesce(sum(pg_catalog.pg_relation_size(oid)), 0)::int8 FROM leaf";

  private static final String INDEXES =
      LEAVES
          + """
          SELECT l.oid::int8, i.indexrelid::int8, a.attname
          FROM leaf l
            LEFT JOIN pg_catalog.pg_index i ON i.indrelid = l.oid AND i.indisvalid AND i.indisready
              AND i.indpred IS NULL
            LEFT JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam AND m.amname IN ('btree', 'hash')
            LEFT JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[], i.indcollation::oid[])
              WITH ORDINALITY k(attnum, class, coll, nth)
              ON m.oid IS NOT NULL AND k.nth <= i.indnkeyatts
            LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = l.oid AND a.attnum = k.attnum
              AND k.coll IN (0, a.attcollation)
              AND EXISTS (SELECT FROM pg_catalog.pg_opclass o
                JOIN pg_catalog.pg_amop p ON p.amopfamily = o.opcfamily
                JOIN pg_catalog.pg_operator q ON q.oid = p.amopopr AND q.oprname = '='
                  AND q.oprnamespace = 'pg_catalog'::regnamespace
                WHERE o.oid = k.class)
          ORDER BY 1, 2, k.nth
          """;

  private static final String DISTINCT =
      """
      SELECT s.attname, s.n_distinct FROM pg_catalog.pg_stats s
      WHERE s.schemaname = ? AND s.tablename = ? AND s.inherited = ?
      """;

  /** The server did not answer. */
  static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final SQLException problem;

    Unreadable(SQLException problem) {
      super(problem);
      this.problem = problem;
    }

    SQLException problem() {
      return problem;
    }
  }

  /**
   * A table's physical side.
   *
   * @param indexes by leaf table: of each index its first columns
   * @param distinct by column: how many values there are, as far as is known
   */
  private record Known(
      boolean small, Map<Long, List<List<String>>> indexes, Map<String, Double> distinct) {}

  private final Connection connection;
  private final Map<Integer, Known> known = new HashMap<>();

  SourceIndexReader(Connection connection) {
    this.connection = connection;
  }

  @Override
  public boolean find(SourceTable table, Set<String> columns) {
    Known facts = facts(table);
    return facts.small()
        || facts.indexes().values().stream()
            .allMatch(leaf -> leaf.stream().anyMatch(index -> serves(facts, index, columns)));
  }

  private static boolean serves(Known facts, List<String> index, Set<String> columns) {
    List<String> prefix = index.stream().takeWhile(columns::contains).toList();
    return !prefix.isEmpty() && values(facts, prefix) >= FEW_VALUES;
  }

  @Override
  public List<String> key(SourceTable table, List<String> columns) {
    Known facts = facts(table);
    List<String> selective =
        columns.stream().filter(c -> values(facts, List.of(c)) >= FEW_VALUES).toList();
    if (!selective.isEmpty()) {
      return selective.stream()
          .sorted((a, b) -> Double.compare(values(facts, List.of(b)), values(facts, List.of(a))))
          .toList();
    }
    return values(facts, columns) >= FEW_VALUES ? columns : List.of();
  }

  /** How many combinations of values there are at most; of a column without statistics, many. */
  private static double values(Known facts, List<String> columns) {
    return columns.stream()
        .mapToDouble(column -> facts.distinct().getOrDefault(column, Double.MAX_VALUE))
        .reduce(1, (a, b) -> Math.min(Double.MAX_VALUE, a * b));
  }

  private Known facts(SourceTable table) {
    Known before = known.get(table.oid());
    if (before != null) {
      return before;
    }
    try {
      Known read = new Known(bytes(table) <= SMALL_BYTES, indexes(table), distinct(table));
      known.put(table.oid(), read);
      return read;
    } catch (SQLException e) {
      throw new Unreadable(e);
    }
  }

  private long bytes(SourceTable table) throws SQLException {
    try (PreparedStatement statement = about(BYTES, table);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private Map<Long, List<List<String>>> indexes(SourceTable table) throws SQLException {
    Map<Long, Map<Long, List<String>>> byIndex = new LinkedHashMap<>();
    Map<Long, Boolean> ended = new HashMap<>();
    try (PreparedStatement statement = about(INDEXES, table);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        Map<Long, List<String>> leaf =
            byIndex.computeIfAbsent(row.getLong(1), _ -> new LinkedHashMap<>());
        long index = row.getLong(2);
        String column = row.getString(3);
        List<String> columns = leaf.computeIfAbsent(index, _ -> new ArrayList<>());
        if (column == null) {
          ended.put(index, true);
        } else if (!ended.containsKey(index)) {
          columns.add(column);
        }
      }
    }
    Map<Long, List<List<String>>> indexes = new LinkedHashMap<>();
    byIndex.forEach((leaf, all) -> indexes.put(leaf, List.copyOf(all.values())));
    return indexes;
  }

  private Map<String, Double> distinct(SourceTable table) throws SQLException {
    Map<String, Double> distinct = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(DISTINCT)) {
      statement.setString(1, table.name().schema());
      statement.setString(2, table.name().table());
      statement.setBoolean(3, table.kind() == SourceTable.Kind.PARTITIONED);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          double values = row.getDouble(2);
          double all = values < 0 ? -values * Math.max(0, table.estimatedRows()) : values;
          if (all > 0) {
            distinct.put(row.getString(1), all);
          }
        }
      }
    }
    return distinct;
  }

  private PreparedStatement about(String sql, SourceTable table) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.setLong(1, Integer.toUnsignedLong(table.oid()));
    statement.setLong(2, Integer.toUnsignedLong(table.oid()));
    return statement;
  }
}
