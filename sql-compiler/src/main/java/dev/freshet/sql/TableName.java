package dev.freshet.sql;

/** A schema-qualified table name, unquoted. {@link #toString} quotes it for SQL text. */
public record TableName(String schema, String table) implements Comparable<TableName> {

  /** {@code identifier} in double quotes, always: a quoted name is never a keyword. */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  @Override
  public int compareTo(TableName other) {
    int bySchema = schema.compareTo(other.schema);
    return bySchema != 0 ? bySchema : table.compareTo(other.table);
  }

  @Override
  public String toString() {
    return quote(schema) + "." + quote(table);
  }
}
