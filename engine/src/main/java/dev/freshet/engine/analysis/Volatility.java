package dev.freshet.engine.analysis;

import dev.freshet.engine.analysis.Analysis.Definition;
import dev.freshet.sql.Calls;
import dev.freshet.sql.Calls.Call;
import dev.freshet.sql.Stability;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a view, or any view beneath it, does that a stream table cannot, and what it calls on whose
 * volatility its refresh depends. Found in the stored rules' expression trees: {@link
 * CalledFunctions}.
 *
 * @param refused what makes the query impossible, the worst first
 * @param definitions the views beneath, the functions called that are not built in, and the enums
 *     whose labels are read
 */
record Volatility(List<Refused> refused, Calls calls, List<Definition> definitions) {

  /** What no stream table can have. */
  sealed interface Refused {}

  record CallsVolatile(String function) implements Refused {}

  record LocksRows() implements Refused {}

  record Samples() implements Refused {}

  private static final String RULES =
      """
      WITH RECURSIVE view(oid) AS (
        SELECT ?::regclass::oid
        UNION
        SELECT c.oid FROM view v
          JOIN pg_rewrite r ON r.ev_class = v.oid
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
          JOIN pg_class c ON c.oid = d.refobjid AND c.relkind = 'v'
      )
      SELECT v.oid::int8, v.oid = ?::regclass, r.ev_action::text
      FROM view v JOIN pg_rewrite r ON r.ev_class = v.oid ORDER BY 1
      """;

  /**
   * A type is printed and read by its elements', fields' and base type's functions too. A constant
   * of a type whose text depends on a setting is printed and read with the definition. An aggregate
   * of the user's is as volatile as its parts.
   */
  private static final String CALLED =
      """
      WITH RECURSIVE type(way, oid) AS (
        SELECT 'printed', unnest(?::oid[])
        UNION
        SELECT 'parsed', unnest(?::oid[])
        UNION
        SELECT 'constant', unnest(?::oid[])
        UNION
        SELECT 'any', unnest(?::oid[])
        UNION
        SELECT r.way, part.oid FROM type r JOIN pg_type t ON t.oid = r.oid
          CROSS JOIN LATERAL (
            SELECT t.typelem WHERE t.typelem <> 0
            UNION ALL
            SELECT t.typbasetype WHERE t.typtype = 'd'
            UNION ALL
            SELECT a.atttypid FROM pg_attribute a
            WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0
              AND NOT a.attisdropped
            UNION ALL
            SELECT g.rngsubtype FROM pg_range g WHERE g.rngtypid = t.oid
            UNION ALL
            SELECT g.rngtypid FROM pg_range g WHERE g.rngmultitypid = t.oid
          ) part(oid)
      ), aggregate(oid) AS (
        SELECT unnest(?::oid[])
      ), called(kind, oid) AS (
        SELECT 'function', unnest(?::oid[])
        UNION
        SELECT 'function', oid FROM aggregate
        UNION
        SELECT 'function', part.oid FROM aggregate
          JOIN pg_aggregate g ON g.aggfnoid = aggregate.oid AND aggregate.oid >= 16384
          CROSS JOIN LATERAL (VALUES (g.aggtransfn), (g.aggfinalfn), (g.aggcombinefn),
            (g.aggmtransfn), (g.aggminvtransfn), (g.aggmfinalfn)) part(oid)
        UNION
        SELECT 'function', o.oprcode FROM pg_operator o WHERE o.oid = ANY (?::oid[])
        UNION
        SELECT 'function', t.typoutput FROM type JOIN pg_type t USING (oid) WHERE way = 'printed'
        UNION
        SELECT 'function', t.typinput FROM type JOIN pg_type t USING (oid) WHERE way = 'parsed'
        UNION
        SELECT 'constant', part.oid FROM type JOIN pg_type t USING (oid)
          CROSS JOIN LATERAL (VALUES (t.typinput), (t.typoutput)) part(oid)
        WHERE way = 'constant'
          AND t.oid IN ('interval'::regtype, 'money'::regtype, 'xml'::regtype)
        UNION
        SELECT 'output', t.typoutput FROM type JOIN pg_type t USING (oid) WHERE way = 'any'
        UNION
        SELECT 'output', c.castfunc FROM type JOIN pg_cast c ON c.castsource = type.oid
          AND c.casttarget IN ('json'::regtype, 'jsonb'::regtype)
        WHERE way = 'any' AND type.oid >= 16384 AND c.castfunc <> 0
      )
      SELECT 'enum', t.oid::int8, '', '', false FROM type JOIN pg_type t USING (oid)
      WHERE way = 'any' AND t.typtype = 'e'
      UNION ALL
      SELECT kind, called.oid::oid::int8, called.oid::oid::regprocedure::text, p.provolatile,
        p.pronamespace = 'pg_catalog'::regnamespace
      FROM called JOIN pg_proc p ON p.oid = called.oid ORDER BY 3, 1, 2
      """;

  /** Oids below are built in and never redefined (FirstNormalObjectId). */
  private static final long FIRST_NORMAL_OID = 16384;

  Volatility {
    refused = List.copyOf(refused);
    definitions = List.copyOf(definitions);
  }

  /**
   * @param connection with an empty search path: signatures of built-in functions, and only these,
   *     come unqualified
   */
  static Volatility of(Connection connection, String view) throws SQLException {
    List<Definition> definitions = new ArrayList<>();
    CalledFunctions called = new CalledFunctions();
    try (PreparedStatement statement = connection.prepareStatement(RULES)) {
      statement.setString(1, view);
      statement.setString(2, view);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          if (!row.getBoolean(2)) {
            definitions.add(new Definition(Definition.Kind.VIEW, (int) row.getLong(1)));
          }
          called.add(row.getString(3));
        }
      }
    }
    return new Resolved(called, definitions).read(connection);
  }

  /** The oids looked up. */
  private static final class Resolved {
    private final CalledFunctions called;
    private final List<Definition> definitions;
    private final Set<Long> functions = new TreeSet<>();
    private final List<Call> calls = new ArrayList<>();
    private final List<Call> outputs = new ArrayList<>();
    private final List<Refused> refused = new ArrayList<>();
    private final List<Definition> enums = new ArrayList<>();

    Resolved(CalledFunctions called, List<Definition> definitions) {
      this.called = called;
      this.definitions = definitions;
    }

    Volatility read(Connection connection) throws SQLException {
      for (String named : called.named()) {
        if (named.equals(CalledFunctions.NEXTVAL)) {
          refused.add(new CallsVolatile(named));
        } else {
          calls.add(new Call(named, false));
        }
      }
      try (PreparedStatement statement = connection.prepareStatement(CALLED)) {
        int next = 1;
        for (Set<Long> oids :
            List.of(
                called.printed(),
                called.parsed(),
                called.constants(),
                called.types(),
                called.aggregates(),
                called.functions(),
                called.operators())) {
          statement.setArray(next++, array(connection, oids));
        }
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            add(row);
          }
        }
      }
      if (called.locksRows()) {
        refused.add(new LocksRows());
      }
      if (called.samples()) {
        refused.add(new Samples());
      }
      functions.forEach(
          oid -> definitions.add(new Definition(Definition.Kind.FUNCTION, oid.intValue())));
      Calls all = new Calls(calls, outputs);
      if (Stability.of(all).readsEnums()) {
        definitions.addAll(enums);
      }
      return new Volatility(refused, all, definitions);
    }

    private static Array array(Connection connection, Collection<Long> oids) throws SQLException {
      return connection.createArrayOf("int8", oids.toArray());
    }

    private void add(ResultSet row) throws SQLException {
      String signature = row.getString(3);
      boolean immutable = row.getString(4).equals("i");
      switch (row.getString(1)) {
        case "function" -> {
          if (row.getString(4).equals("v")) {
            refused.add(new CallsVolatile(signature));
          }
          if (row.getLong(2) >= FIRST_NORMAL_OID) {
            functions.add(row.getLong(2));
          }
          if (!immutable || row.getBoolean(5)) {
            calls.add(new Call(signature, immutable));
          }
        }
        case "enum" -> enums.add(new Definition(Definition.Kind.ENUM, (int) row.getLong(2)));
        case "constant" -> calls.add(new Call(signature, true));
        default -> outputs.add(new Call(signature, immutable));
      }
    }
  }
}
