package dev.freshet.engine.analysis;

import dev.freshet.engine.analysis.Analysis.Definition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The most volatile thing that a view, or any view beneath it, does.
 *
 * <p>pg_depend does not record dependencies on built-in functions, so {@code random()} is found in
 * the stored rule's expression tree itself: function, operator, aggregate and cast nodes carry oids
 * that pg_proc and pg_type explain.
 */
final class Volatility {

  /** What was found, most volatile first. */
  sealed interface Finding {}

  record Volatile(String function) implements Finding {}

  record LocksRows() implements Finding {}

  record Samples() implements Finding {}

  record Stable(String function) implements Finding {}

  record Immutable() implements Finding {}

  /**
   * Rules of the view and, through pg_depend, of the views it reads; then every oid of a function
   * in their trees. A cast through text ({@code COERCEVIAIO}) calls the output function of its
   * argument's type and the input function of its result's.
   */
  private static final String CALLED =
      """
      WITH RECURSIVE view(oid) AS (
        SELECT ?::regclass::oid
        UNION
        SELECT c.oid FROM view v
          JOIN pg_rewrite r ON r.ev_class = v.oid
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
          JOIN pg_class c ON c.oid = d.refobjid AND c.relkind = 'v'
      ), tree(body) AS (
        SELECT r.ev_action::text FROM view v JOIN pg_rewrite r ON r.ev_class = v.oid
      ), called(proc) AS (
        SELECT m[1]::oid FROM tree, regexp_matches(
          body, ':(?:funcid|aggfnoid|winfnoid) (\\d+)', 'g') m
        UNION
        SELECT o.oprcode FROM tree, regexp_matches(body, ':opno (\\d+)', 'g') m
          JOIN pg_operator o ON o.oid = m[1]::oid
        UNION
        SELECT t.typinput FROM tree, regexp_matches(
          body, '\\{COERCEVIAIO :arg \\{[^{]*?\\} :resulttype (\\d+)', 'g') m
          JOIN pg_type t ON t.oid = m[1]::oid
        UNION
        SELECT t.typoutput FROM tree, regexp_matches(
          body, '\\{COERCEVIAIO :arg \\{[A-Z]+ [^{]*?:(?:vartype|funcresulttype|opresulttype|resulttype|consttype|aggtype) (\\d+)', 'g') m
          JOIN pg_type t ON t.oid = m[1]::oid
      )
      """;

  private static final String MOST_VOLATILE =
      CALLED
          + """
          SELECT 1 AS rank, 'volatile' AS kind, p.oid::regprocedure::text AS what
            FROM called JOIN pg_proc p ON p.oid = called.proc WHERE p.provolatile = 'v'
          UNION ALL
          SELECT 1, 'volatile', 'nextval' FROM tree WHERE body ~ '\\{NEXTVALUEEXPR'
          UNION ALL
          SELECT 2, 'locks', '' FROM tree WHERE body ~ ':rowMarks \\(\\{ROWMARKCLAUSE.*?:pushedDown false'
          UNION ALL
          SELECT 3, 'samples', '' FROM tree WHERE body ~ '\\{TABLESAMPLECLAUSE'
          UNION ALL
          SELECT 4, 'stable', p.oid::regprocedure::text
            FROM called JOIN pg_proc p ON p.oid = called.proc WHERE p.provolatile = 's'
          UNION ALL
          SELECT 4, 'stable', 'CURRENT_DATE, CURRENT_TIMESTAMP, CURRENT_USER or the like' FROM tree
            WHERE body ~ '\\{SQLVALUEFUNCTION'
          ORDER BY 1, 3 LIMIT 1
          """;

  /** Oids below are built in and never redefined (FirstNormalObjectId). */
  private static final String DEFINITIONS =
      CALLED
          + """
          SELECT 'VIEW', oid::int8 FROM view WHERE oid <> ?::regclass::oid
          UNION
          SELECT 'FUNCTION', proc::oid::int8 FROM called WHERE proc::oid >= 16384
          ORDER BY 1, 2
          """;

  private Volatility() {}

  static Finding of(Connection connection, String view) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(MOST_VOLATILE)) {
      statement.setString(1, view);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return new Immutable();
        }
        String what = row.getString(3);
        return switch (row.getString(2)) {
          case "volatile" -> new Volatile(what);
          case "locks" -> new LocksRows();
          case "samples" -> new Samples();
          case "stable" -> new Stable(what);
          default -> throw new IllegalStateException(row.getString(2));
        };
      }
    }
  }

  /**
   * The views beneath {@code view} and the functions that any of them calls, built-in ones aside.
   */
  static List<Definition> definitions(Connection connection, String view) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(DEFINITIONS)) {
      statement.setString(1, view);
      statement.setString(2, view);
      List<Definition> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(
              new Definition(Definition.Kind.valueOf(row.getString(1)), (int) row.getLong(2)));
        }
      }
      return found;
    }
  }
}
