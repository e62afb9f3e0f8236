package dev.freshet.cdc.trigger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A source as triggers see it.
 *
 * @param name quoted and schema-qualified
 * @param columns all that a row image can hold, in the table's order: virtual generated ones are
 *     computed when read, so a trigger does not see them
 * @param members the table and, if it is partitioned, all its partitions, roots first: a statement
 *     fires the triggers of the table that it names, whatever the rows' own table is
 * @param forEachRow whether triggers must fire row by row. Statements that name a parent fire none
 *     of a child's statement triggers, and the apply worker of a subscription fires none at all
 */
record SourceShape(
    int relation,
    String name,
    List<CapturedColumn> columns,
    List<Member> members,
    boolean forEachRow) {

  /**
   * One table that needs triggers.
   *
   * @param present the triggers of ours that always fire and call our function
   * @param removable all of ours, but for those that a partition has of its root
   */
  record Member(String name, Set<String> present, Set<String> removable, boolean isRoot) {}

  private static final String TABLE =
      """
      SELECT format('%I.%I', n.nspname, c.relname),
        EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_subscription_rel WHERE srrelid = c.oid
                   OR srrelid IN (SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)))
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ?::int8::oid\
      """;

  /** A type cannot be sent if any type within it cannot. */
  private static final String COLUMNS =
      """
      SELECT a.attname, a.atttypid::int8, a.atttypmod,
        (WITH RECURSIVE part(oid) AS (
           SELECT a.atttypid
           UNION
           SELECT x.oid FROM part JOIN pg_catalog.pg_type t ON t.oid = part.oid,
             LATERAL (SELECT t.typelem WHERE t.typelem <> 0 AND t.typlen = -1
                      UNION ALL SELECT t.typbasetype WHERE t.typbasetype <> 0
                      UNION ALL SELECT rngsubtype FROM pg_catalog.pg_range
                        WHERE t.oid IN (rngtypid, rngmultitypid)
                      UNION ALL SELECT atttypid FROM pg_catalog.pg_attribute
                        WHERE attrelid = t.typrelid AND t.typrelid <> 0 AND attnum > 0
                          AND NOT attisdropped) x(oid))
         SELECT bool_or(t.typsend = 0) FROM part JOIN pg_catalog.pg_type t ON t.oid = part.oid)
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated <> 'v'
      ORDER BY a.attnum\
      """;

  private static final String MEMBERS =
      """
      SELECT format('%I.%I', n.nspname, c.relname), c.oid = ?::int8::oid,
        ARRAY(SELECT tgname::text FROM pg_catalog.pg_trigger
          WHERE tgrelid = c.oid AND tgenabled = 'A' AND tgname LIKE 'freshet\\_capture\\_%'
            AND tgfoid = to_regprocedure(?)),
        ARRAY(SELECT tgname::text FROM pg_catalog.pg_trigger
          WHERE tgrelid = c.oid AND tgparentid = 0 AND tgname LIKE 'freshet\\_capture\\_%')
      FROM (SELECT ?::int8::oid AS relid, 0 AS level
            UNION SELECT relid, level FROM pg_catalog.pg_partition_tree(?::int8::oid)) m
      JOIN pg_catalog.pg_class c ON c.oid = m.relid AND c.relkind IN ('r', 'p')
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      ORDER BY m.level, c.oid\
      """;

  /** Nothing if there is no such table any more. */
  static Optional<SourceShape> of(Connection connection, int relation) throws SQLException {
    long oid = Integer.toUnsignedLong(relation);
    String name;
    boolean forEachRow;
    try (PreparedStatement statement = connection.prepareStatement(TABLE)) {
      statement.setLong(1, oid);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        name = row.getString(1);
        forEachRow = row.getBoolean(2);
      }
    }
    return Optional.of(
        new SourceShape(
            relation, name, columns(connection, oid), members(connection, relation), forEachRow));
  }

  private static List<CapturedColumn> columns(Connection connection, long oid) throws SQLException {
    List<CapturedColumn> columns = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(COLUMNS)) {
      statement.setLong(1, oid);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          columns.add(
              new CapturedColumn(
                  row.getString(1), (int) row.getLong(2), row.getInt(3), row.getBoolean(4)));
        }
      }
    }
    return columns;
  }

  private static List<Member> members(Connection connection, int relation) throws SQLException {
    long oid = Integer.toUnsignedLong(relation);
    List<Member> members = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(MEMBERS)) {
      statement.setLong(1, oid);
      statement.setString(2, Generation.function(relation) + "()");
      statement.setLong(3, oid);
      statement.setLong(4, oid);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          members.add(
              new Member(row.getString(1), names(row, 3), names(row, 4), row.getBoolean(2)));
        }
      }
    }
    return members;
  }

  private static Set<String> names(ResultSet row, int column) throws SQLException {
    Set<String> names = new TreeSet<>();
    for (Object name : (Object[]) row.getArray(column).getArray()) {
      names.add((String) name);
    }
    return names;
  }

  /** The triggers that every member needs. */
  Set<String> wanted() {
    return forEachRow ? CaptureSql.ROW_TRIGGERS : CaptureSql.STATEMENT_TRIGGERS;
  }

  /** Whether every member has exactly the triggers that it needs. */
  boolean isCaptured() {
    return members.stream().allMatch(member -> member.present().equals(wanted()));
  }
}
