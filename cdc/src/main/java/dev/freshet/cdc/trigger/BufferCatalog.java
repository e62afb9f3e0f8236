package dev.freshet.cdc.trigger;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The generations of all buffers, as table {@code freshet.change_buffer} lists them. */
final class BufferCatalog {
  private static final String DDL =
      """
      CREATE TABLE IF NOT EXISTS freshet.change_buffer (
        relation oid NOT NULL,
        generation bigint NOT NULL,
        names text[] NOT NULL,
        types oid[] NOT NULL,
        modifiers integer[] NOT NULL,
        as_text boolean[] NOT NULL,
        newest xid8,
        PRIMARY KEY (relation, generation)
      );
      COMMENT ON TABLE freshet.change_buffer IS
        'the tables changes_<relation>_<generation>, and the columns of their images';
      """;

  private BufferCatalog() {}

  static boolean exists(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT to_regclass('freshet.change_buffer') IS NOT NULL")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** Under a lock: two that create the same table at once fail, in spite of IF NOT EXISTS. */
  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(hashtext('freshet.change_buffer')); " + DDL);
    }
  }

  /** All generations by relation, oldest first. */
  static Map<Integer, List<Generation>> load(Connection connection) throws SQLException {
    Map<Integer, List<Generation>> found = new TreeMap<>();
    if (!exists(connection)) {
      return found;
    }
    String query =
        """
        SELECT relation::int8, generation, names, types::int8[], modifiers, as_text, newest::text
        FROM freshet.change_buffer ORDER BY relation, generation\
        """;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        int relation = (int) row.getLong(1);
        String newest = row.getString(7);
        found
            .computeIfAbsent(relation, _ -> new ArrayList<>())
            .add(
                new Generation(
                    relation,
                    row.getLong(2),
                    columns(row),
                    newest == null
                        ? OptionalLong.empty()
                        : OptionalLong.of(Long.parseUnsignedLong(newest))));
      }
    }
    return found;
  }

  static List<Generation> load(Connection connection, int relation) throws SQLException {
    return load(connection).getOrDefault(relation, List.of());
  }

  private static List<CapturedColumn> columns(ResultSet row) throws SQLException {
    Object[] names = array(row.getArray(3));
    Object[] types = array(row.getArray(4));
    Object[] modifiers = array(row.getArray(5));
    Object[] text = array(row.getArray(6));
    List<CapturedColumn> columns = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      columns.add(
          new CapturedColumn(
              (String) names[i],
              ((Number) types[i]).intValue(),
              ((Number) modifiers[i]).intValue(),
              (Boolean) text[i]));
    }
    return columns;
  }

  private static Object[] array(Array array) throws SQLException {
    return (Object[]) array.getArray();
  }

  /** Creates the generation's table and lists it. */
  static void add(Connection connection, Generation generation) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE %s (xid xid8 NOT NULL, kind "char" NOT NULL, image bytea NOT NULL)
          WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)\
          """
              .formatted(generation.table()));
    }
    String insert =
        """
        INSERT INTO freshet.change_buffer (relation, generation, names, types, modifiers, as_text)
        VALUES (?::int8::oid, ?, ?, ?, ?, ?)\
        """;
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      List<CapturedColumn> columns = generation.columns();
      statement.setLong(1, Integer.toUnsignedLong(generation.relation()));
      statement.setLong(2, generation.number());
      statement.setArray(
          3,
          connection.createArrayOf("text", columns.stream().map(CapturedColumn::name).toArray()));
      statement.setArray(
          4,
          connection.createArrayOf(
              "oid", columns.stream().map(c -> Integer.toUnsignedLong(c.typeOid())).toArray()));
      statement.setArray(
          5,
          connection.createArrayOf(
              "int4", columns.stream().map(CapturedColumn::typeModifier).toArray()));
      statement.setArray(
          6,
          connection.createArrayOf("bool", columns.stream().map(CapturedColumn::text).toArray()));
      statement.executeUpdate();
    }
  }

  /** Notes that nobody writes to the generation any more. */
  static void seal(Connection connection, Generation generation) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(
          """
          UPDATE freshet.change_buffer
          SET newest = (SELECT coalesce(max(xid::text::numeric), 0)::text::xid8 FROM %s)
          WHERE relation = %s AND generation = %d\
          """
              .formatted(
                  generation.table(),
                  Integer.toUnsignedString(generation.relation()),
                  generation.number()));
    }
  }

  static void drop(Connection connection, Generation generation) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS " + generation.table());
      statement.executeUpdate(
          "DELETE FROM freshet.change_buffer WHERE relation = %s AND generation = %d"
              .formatted(Integer.toUnsignedString(generation.relation()), generation.number()));
    }
  }
}
