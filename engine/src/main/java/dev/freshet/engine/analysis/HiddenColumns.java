package dev.freshet.engine.analysis;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.sql.StorageLayout;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The columns that Freshet keeps in stream tables for itself are not for queries over them: where
 * {@code SELECT *} brings them into a result, they are left out of it.
 *
 * <p>Inside, a star has them all the same. That is harmless but for constructs that compare whole
 * rows; there the query is refused, since it would silently mean something else.
 */
final class HiddenColumns {
  private static final String RESULT =
      """
      SELECT attname, starts_with(attname, '%s') FROM pg_attribute
      WHERE attrelid = 'pg_temp.__freshet_query'::regclass AND attnum > 0 ORDER BY attnum\
      """
          .formatted(StorageLayout.HIDDEN_PREFIX);

  private static final Pattern COMPARES_ROWS =
      Pattern.compile(
          "SELECT DISTINCT(?! ON)|\\b(?:UNION(?! ALL)|INTERSECT|EXCEPT)\\b|USING \\([^)]*"
              + StorageLayout.HIDDEN_PREFIX);

  private HiddenColumns() {}

  /** Replaces the view of {@code query} if its result has hidden columns. */
  static void leaveOut(Connection connection, String create, String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      if (!mentionsAny(statement)) {
        return;
      }
      List<String> visible = new ArrayList<>();
      List<String> hidden = new ArrayList<>();
      try (ResultSet row = statement.executeQuery(RESULT)) {
        while (row.next()) {
          (row.getBoolean(2) ? hidden : visible).add(row.getString(1));
        }
      }
      if (COMPARES_ROWS.matcher(definition(statement)).find()) {
        throw FreshetException.of(
            Kind.UNSUPPORTED_QUERY,
            "the query reads hidden columns of a stream table by a star, where rows are compared",
            "name the columns instead of writing *");
      }
      if (!hidden.isEmpty()) {
        statement.execute("DROP VIEW pg_temp.__freshet_query");
        statement.execute(
            create
                + "SELECT "
                + visible.stream()
                    .map(name -> "q." + TableName.quote(name))
                    .collect(Collectors.joining(", "))
                + " FROM ("
                + query
                + "\n) AS q\n)");
      }
    }
  }

  private static boolean mentionsAny(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT EXISTS (SELECT FROM pg_rewrite r
              JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
              JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
              WHERE r.ev_class = 'pg_temp.__freshet_query'::regclass
                AND starts_with(a.attname, '%s'))
            """
                .formatted(StorageLayout.HIDDEN_PREFIX))) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static String definition(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("SELECT pg_get_viewdef('pg_temp.__freshet_query'::regclass)")) {
      row.next();
      return row.getString(1);
    }
  }
}
