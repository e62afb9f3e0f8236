package dev.freshet.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table's name with its schema, both exactly as in {@code pg_class} and {@code pg_namespace}.
 * Written by PostgreSQL's rules (manual, "Identifiers and Key Words"): folded to lower case unless
 * quoted, at most 63 bytes.
 */
public record TableName(String schema, String table) {
  private static final int MAX_IDENTIFIER_BYTES = 63;
  private static final Pattern IDENTIFIER =
      Pattern.compile("\"((?:[^\"]|\"\")+)\"|([\\p{L}_][\\p{L}\\p{N}_$]*)");
  private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

  public TableName {
    check(schema);
    check(table);
  }

  private static void check(String identifier) {
    int bytes = identifier.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > MAX_IDENTIFIER_BYTES || identifier.indexOf('\0') >= 0) {
      throw new InvalidValueException(
          "has an identifier of " + bytes + " bytes; PostgreSQL's limit is 63");
    }
  }

  /**
   * Reads {@code schema.table} or {@code "Schema"."Table"}.
   *
   * @throws InvalidValueException where it is neither
   */
  public static TableName parse(String text) {
    List<String> parts = new ArrayList<>();
    Matcher part = IDENTIFIER.matcher(text);
    int at = 0;
    while (part.find(at) && part.start() == at) {
      parts.add(
          part.group(1) != null
              ? part.group(1).replace("\"\"", "\"")
              : foldAsPostgres(part.group(2)));
      at = part.end();
      if (at == text.length() || text.charAt(at) != '.') {
        break;
      }
      at++;
    }
    if (at != text.length() || parts.isEmpty() || text.endsWith(".")) {
      throw new InvalidValueException(
          "is not a table name", "write schema.table, and other characters in double quotes");
    }
    return switch (parts.size()) {
      case 1 -> throw new InvalidValueException("has no schema", "write public." + text);
      case 2 -> new TableName(parts.getFirst(), parts.getLast());
      default ->
          throw new InvalidValueException(
              "has " + parts.size() + " parts", "write schema.table, without the database");
    };
  }

  private static String foldAsPostgres(String identifier) {
    StringBuilder folded = new StringBuilder(identifier);
    for (int i = 0; i < folded.length(); i++) {
      char c = folded.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        folded.setCharAt(i, (char) (c + 'a' - 'A'));
      }
    }
    return folded.toString();
  }

  /** For people and for {@link #parse}: quoted only where the characters need it. */
  @Override
  public String toString() {
    return display(schema) + "." + display(table);
  }

  private static String display(String identifier) {
    return PLAIN.matcher(identifier).matches()
        ? identifier
        : '"' + identifier.replace("\"", "\"\"") + '"';
  }
}
