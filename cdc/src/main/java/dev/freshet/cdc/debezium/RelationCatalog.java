package dev.freshet.cdc.debezium;

import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.pgoutput.RelationSchema.Identity;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a record of Debezium does not tell about its table: the oid, the replica identity and which
 * columns belong to it. Read from the server's catalog now, which may be later than the record.
 *
 * <p>Why that is exact: a {@link Version} names the catalog rows that the answer rests on, by the
 * transactions that wrote them. Whoever alters a table's name, identity or key locks it against
 * writers. So if a frontier F sees all of a version, every transaction that F does not see wrote to
 * the table as it is now; and no other table had its name meanwhile. If F does not see it, the
 * delta from F is not to be trusted.
 */
final class RelationCatalog implements AutoCloseable {
  private static final String DESCRIBE =
      """
      WITH relation AS (
        SELECT c.oid, c.relreplident AS identity,
          (SELECT pg_catalog.bool_and(m.relreplident = 'f')
           FROM pg_catalog.pg_partition_tree(c.oid) t
           JOIN pg_catalog.pg_class m ON m.oid = t.relid
           WHERE t.isleaf OR t.level = 0) AS all_full
        FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p')
      )
      SELECT r.oid::bigint, r.identity, coalesce(r.all_full, r.identity = 'f'),
        a.attname, a.atttypmod, t.typtype = 'e',
        r.identity = 'f' OR EXISTS (
          SELECT FROM pg_catalog.pg_index i
          WHERE i.indrelid = r.oid AND a.attnum = ANY (i.indkey::int2[])
            AND CASE r.identity
              WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END)
      FROM relation r
      JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      """;

  private static final String VERSION =
      """
      WITH member AS (
        SELECT c.oid, c.relnamespace, c.xmin
        FROM pg_catalog.pg_class c
        WHERE c.oid = ?::bigint::oid
          OR c.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(?::bigint::oid) t)
      )
      SELECT 'table ' || m.oid, m.xmin::text::bigint, pg_catalog.pg_current_snapshot()::text
      FROM member m
      UNION ALL
      SELECT 'schema ' || n.oid, n.xmin::text::bigint, pg_catalog.pg_current_snapshot()::text
      FROM pg_catalog.pg_namespace n WHERE n.oid IN (SELECT m.relnamespace FROM member m)
      UNION ALL
      SELECT 'index ' || i.indexrelid, i.xmin::text::bigint, pg_catalog.pg_current_snapshot()::text
      FROM pg_catalog.pg_index i JOIN member m ON m.oid = i.indrelid
      WHERE i.indisprimary OR i.indisreplident
      ORDER BY 1
      """;

  /** Opens ordinary connections to the database. */
  @FunctionalInterface
  interface Connections {
    Connection open() throws SQLException;
  }

  /**
   * A column as the catalog has it now.
   *
   * @param key whether it belongs to the replica identity
   * @param enumerated whether its type is an enum, whose send format is its text
   */
  record Column(int typeModifier, boolean enumerated, boolean key) {}

  /**
   * A table as the catalog has it now.
   *
   * @param wholeOldRows whether old rows are complete, those of every partition included
   */
  record Relation(int oid, Identity identity, boolean wholeOldRows, Map<String, Column> columns) {}

  /**
   * A version, and when it was looked at: a snapshot that sees all of it.
   *
   * @param at the snapshot of the statement that read it
   */
  record Look(Version version, Snapshot at) {}

  /** The catalog rows that a description rests on, each with the transaction that wrote it. */
  record Version(Map<String, Integer> writers) {
    /** Smaller ids are those of bootstrap and of frozen rows. */
    private static final int FIRST_NORMAL_XID = 3;

    /**
     * Whether everything in it was written before {@code snapshot}. A writer may be a
     * subtransaction, which no snapshot lists, so only ids below all that was running count.
     */
    boolean isBefore(Snapshot snapshot) {
      return !writers.isEmpty()
          && writers.values().stream()
              .allMatch(
                  xid ->
                      Integer.compareUnsigned(xid, FIRST_NORMAL_XID) < 0
                          || snapshot.widen(xid) < snapshot.xmin());
    }
  }

  private final Connections connections;
  private Optional<Connection> open = Optional.empty();

  RelationCatalog(Connections connections) {
    this.connections = connections;
  }

  /** The table of that name, if there is one now. */
  synchronized Optional<Relation> describe(String schema, String table) throws SQLException {
    try (PreparedStatement statement = connection().prepareStatement(DESCRIBE)) {
      statement.setString(1, schema);
      statement.setString(2, table);
      try (ResultSet row = statement.executeQuery()) {
        Optional<Relation> found = Optional.empty();
        Map<String, Column> columns = new HashMap<>();
        while (row.next()) {
          if (found.isEmpty()) {
            found =
                Optional.of(
                    new Relation(
                        (int) row.getLong(1),
                        Identity.of(row.getString(2).charAt(0)),
                        row.getBoolean(3),
                        columns));
          }
          columns.put(
              row.getString(4), new Column(row.getInt(5), row.getBoolean(6), row.getBoolean(7)));
        }
        return found;
      }
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  /** Looks at a table now; its version is empty if it is gone. */
  synchronized Look look(int relation) throws SQLException {
    try (PreparedStatement statement = connection().prepareStatement(VERSION)) {
      statement.setLong(1, Integer.toUnsignedLong(relation));
      statement.setLong(2, Integer.toUnsignedLong(relation));
      try (ResultSet row = statement.executeQuery()) {
        Map<String, Integer> writers = new HashMap<>();
        Snapshot at = Snapshot.parse("1:1:");
        while (row.next()) {
          writers.put(row.getString(1), (int) row.getLong(2));
          at = Snapshot.parse(row.getString(3));
        }
        return new Look(new Version(writers), at);
      }
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  private Connection connection() throws SQLException {
    if (open.isEmpty()) {
      open = Optional.of(connections.open());
    }
    return open.get();
  }

  @Override
  public synchronized void close() {
    Optional<Connection> closing = open;
    open = Optional.empty();
    if (closing.isPresent()) {
      try {
        closing.get().close();
      } catch (SQLException _) {
        // It is gone already.
      }
    }
  }
}
