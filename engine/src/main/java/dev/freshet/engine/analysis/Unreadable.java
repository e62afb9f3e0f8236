package dev.freshet.engine.analysis;

import dev.freshet.sql.TableName;

/** What keeps a role from reading a base table as it is. */
public sealed interface Unreadable {
  TableName table();

  /** The role lacks SELECT. */
  record Denied(TableName table) implements Unreadable {}

  /** Row-level security applies to the role: it may see some rows and not others. */
  record Filtered(TableName table) implements Unreadable {}

  /** For people. */
  default String problem(String role) {
    String name = new dev.freshet.config.TableName(table().schema(), table().table()).toString();
    return switch (this) {
      case Denied _ -> "%s may not read %s".formatted(role, name);
      case Filtered _ ->
          "row-level security of %s may hide rows from %s, while changes of all rows come from the log"
              .formatted(name, role);
    };
  }

  /**
   * @param role as SQL text
   */
  default String remedy(String role) {
    return switch (this) {
      case Denied(TableName table) -> "run: GRANT SELECT ON %s TO %s;".formatted(table, role);
      case Filtered(TableName table) ->
          "let the role see every row: ALTER ROLE %s BYPASSRLS; or switch it off: ALTER TABLE %s DISABLE ROW LEVEL SECURITY;"
              .formatted(role, table);
    };
  }
}
