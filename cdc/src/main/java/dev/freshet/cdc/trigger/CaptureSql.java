package dev.freshet.cdc.trigger;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Renders the trigger function of a source and the triggers that call it.
 *
 * <p>A column is named without its table, in a query inside another one that offers a column of the
 * same name with {@link #MISSING} for a value. While the source has the column, the inner one is
 * meant; afterwards, by SQL's rules of scope, the outer. The planner flattens all of it. (A column
 * may also be called as a variable of PL/pgSQL is, {@code found} for instance: the column is
 * meant.)
 */
final class CaptureSql {
  static final String PREFIX = "freshet_capture_";

  static final Set<String> STATEMENT_TRIGGERS =
      Set.of(PREFIX + "insert", PREFIX + "update", PREFIX + "delete", PREFIX + "truncate");

  static final Set<String> ROW_TRIGGERS = Set.of(PREFIX + "row", PREFIX + "truncate");

  /** Type regnamespace (pg_type.dat). */
  static final int MISSING_OID = 4089;

  /** What an image holds in place of a column that the source has no more. */
  private static final String MISSING = "NULL::pg_catalog.regnamespace";

  private static final String OLD_ROWS = "freshet_old";
  private static final String NEW_ROWS = "freshet_new";

  private CaptureSql() {}

  /**
   * The function that writes to {@code generation}. Send functions write text as the writer's
   * client wants it: the function sees to it that this is UTF-8, as the log's is.
   */
  static String function(Generation generation, boolean forEachRow) {
    String old = forEachRow ? "(SELECT OLD.*)" : OLD_ROWS;
    String next = forEachRow ? "(SELECT NEW.*)" : NEW_ROWS;
    String body =
        """
        #variable_conflict use_column
        BEGIN
          IF TG_OP = 'INSERT' THEN
            %s %s;
          ELSIF TG_OP = 'UPDATE' THEN
            %s %s UNION ALL %s;
          ELSIF TG_OP = 'DELETE' THEN
            %s %s;
          ELSE
            %s VALUES (pg_current_xact_id(), 'T', '');
          END IF;
          RETURN NULL;
        END
        """
            .formatted(
                insert(generation),
                rows(generation, 'I', next),
                insert(generation),
                rows(generation, 'O', old),
                rows(generation, 'U', next),
                insert(generation),
                rows(generation, 'D', old),
                insert(generation));
    return """
    CREATE OR REPLACE FUNCTION %s() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET client_encoding = 'UTF8' AS %s\
    """
        .formatted(Generation.function(generation.relation()), quoted(body));
  }

  /** In dollar quotes that the text does not hold, whatever columns are called. */
  private static String quoted(String body) {
    String tag = "$capture$";
    while (body.contains(tag)) {
      tag = "$" + tag.substring(1, tag.length() - 1) + "_$";
    }
    return tag + "\n" + body + tag;
  }

  private static String insert(Generation generation) {
    return "INSERT INTO " + generation.table() + " (xid, kind, image)";
  }

  private static String rows(Generation generation, char kind, String from) {
    if (generation.columns().isEmpty()) {
      return "SELECT pg_current_xact_id(), '%s'::\"char\", ''::bytea FROM %s AS r"
          .formatted(kind, from);
    }
    String missing =
        generation.columns().stream()
            .map(column -> MISSING + " AS " + identifier(column.name()))
            .collect(Collectors.joining(", "));
    String values =
        generation.columns().stream()
            .map(column -> identifier(column.name()) + (column.text() ? "::text" : ""))
            .collect(Collectors.joining(", "));
    return """
    SELECT pg_current_xact_id(), '%s'::"char", i.image
        FROM %s AS r, (SELECT %s) AS m,
          LATERAL (SELECT record_send(ROW(%s)) AS image FROM LATERAL (SELECT r.*) AS c) AS i\
    """
        .formatted(kind, from, missing, values);
  }

  /** Creates one table's triggers, whatever it had before. */
  static List<String> triggers(int relation, SourceShape.Member member, boolean forEachRow) {
    String table = member.name();
    List<String> statements = new ArrayList<>(drop(member));
    String call = " EXECUTE FUNCTION " + Generation.function(relation) + "()";
    // A partition gets its root's row trigger from PostgreSQL itself.
    if (forEachRow && member.isRoot()) {
      add(
          statements,
          table,
          "row",
          "AFTER INSERT OR UPDATE OR DELETE ON " + table + " FOR EACH ROW" + call);
    } else if (!forEachRow) {
      String news = " NEW TABLE AS " + NEW_ROWS;
      String olds = " OLD TABLE AS " + OLD_ROWS;
      add(statements, table, "insert", statement("INSERT", table, news) + call);
      add(statements, table, "update", statement("UPDATE", table, olds + news) + call);
      add(statements, table, "delete", statement("DELETE", table, olds) + call);
    }
    add(statements, table, "truncate", "AFTER TRUNCATE ON " + table + " FOR EACH STATEMENT" + call);
    return statements;
  }

  /**
   * Takes the triggers of ours off one table. Only those that are there: a DROP locks readers out,
   * even one that finds nothing.
   */
  static List<String> drop(SourceShape.Member member) {
    return member.removable().stream()
        .map(trigger -> "DROP TRIGGER IF EXISTS " + identifier(trigger) + " ON " + member.name())
        .toList();
  }

  private static String statement(String event, String table, String transition) {
    return "AFTER " + event + " ON " + table + " REFERENCING" + transition + " FOR EACH STATEMENT";
  }

  /** Always: sessions that replay the changes of another server change the source too. */
  private static void add(List<String> statements, String table, String name, String rest) {
    statements.add("CREATE TRIGGER " + PREFIX + name + " " + rest);
    statements.add("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + PREFIX + name);
  }

  static String identifier(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }
}
