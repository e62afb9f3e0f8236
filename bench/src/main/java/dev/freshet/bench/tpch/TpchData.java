package dev.freshet.bench.tpch;

import io.trino.tpch.TpchEntity;
import io.trino.tpch.TpchTable;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Fills the tables with what {@code dbgen} would generate, by COPY. */
final class TpchData {
  /** In an order in which every foreign key finds its row. */
  private static final List<TpchTable<? extends TpchEntity>> TABLES =
      List.of(
          TpchTable.REGION,
          TpchTable.NATION,
          TpchTable.PART,
          TpchTable.SUPPLIER,
          TpchTable.PART_SUPPLIER,
          TpchTable.CUSTOMER,
          TpchTable.ORDERS,
          TpchTable.LINE_ITEM);

  private static final int BATCH_BYTES = 1 << 16;
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  private TpchData() {}

  /**
   * Makes, fills, indexes and analyses the tables.
   *
   * @param connection in auto-commit mode
   */
  static void load(Connection connection, TpchScript script, double scale) throws SQLException {
    execute(connection, script.tables());
    boolean unchecked = leaveOutForeignKeyChecks(connection);
    for (TpchTable<? extends TpchEntity> table : TABLES) {
      copy(connection, sqlName(table), table.createGenerator(scale, 1, 1));
    }
    if (unchecked) {
      execute(connection, List.of("RESET session_replication_role"));
    }
    execute(connection, script.indexes());
    execute(connection, List.of("VACUUM ANALYZE"));
  }

  /**
   * They are most of the time that loading takes, and the generator's keys fit. Only a superuser,
   * or who was granted it, may.
   */
  private static boolean leaveOutForeignKeyChecks(Connection connection) throws SQLException {
    try {
      execute(connection, List.of("SET session_replication_role = replica"));
      return true;
    } catch (SQLException e) {
      if (INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }

  /** The library spells PARTSUPP and others as the specification does. */
  private static String sqlName(TpchTable<?> table) {
    return table.getTableName().equals("part_supplier") ? "partsupp" : table.getTableName();
  }

  private static void copy(Connection connection, String table, Iterable<? extends TpchEntity> rows)
      throws SQLException {
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY tpch." + table + " FROM STDIN WITH (DELIMITER '|')");
    try {
      StringBuilder batch = new StringBuilder();
      for (TpchEntity row : rows) {
        String line = row.toLine(); // ends with a delimiter, unlike COPY's rows
        batch.append(line, 0, line.length() - 1).append('\n');
        if (batch.length() >= BATCH_BYTES) {
          write(copy, batch);
        }
      }
      write(copy, batch);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private static void write(CopyIn copy, StringBuilder batch) throws SQLException {
    byte[] bytes = batch.toString().getBytes(StandardCharsets.UTF_8);
    copy.writeToCopy(bytes, 0, bytes.length);
    batch.setLength(0);
  }

  private static void execute(Connection connection, List<String> statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
