package dev.freshet.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import net.sf.jsqlparser.JSQLParserException;
import net.sf.jsqlparser.util.TablesNamesFinder;

/**
 * The tables and views that a query names, read from its text alone: for where there is no server
 * that could tell. What lies beneath a view, only the server knows.
 */
public final class TablesNamed {
  private static final String DEFAULT_SCHEMA = "public";

  private TablesNamed() {}

  /** In order; a name without a schema counts as of public. Empty if the text cannot be read. */
  public static Optional<Set<TableName>> in(String query) {
    Set<TableName> names = new TreeSet<>();
    try {
      for (String name : TablesNamesFinder.findTables(query)) {
        List<String> parts = parts(name);
        String schema = parts.size() > 1 ? parts.get(parts.size() - 2) : DEFAULT_SCHEMA;
        names.add(new TableName(schema, parts.getLast()));
      }
    } catch (JSQLParserException _) {
      return Optional.empty();
    }
    return Optional.of(names);
  }

  /** The identifiers between the dots, as PostgreSQL reads them. */
  private static List<String> parts(String name) {
    List<String> parts = new ArrayList<>();
    StringBuilder part = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c == '"' && quoted && i + 1 < name.length() && name.charAt(i + 1) == '"') {
        part.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == '.' && !quoted) {
        parts.add(part.toString());
        part.setLength(0);
      } else {
        part.append(quoted ? c : Character.toLowerCase(c));
      }
    }
    parts.add(part.toString());
    return parts;
  }
}
