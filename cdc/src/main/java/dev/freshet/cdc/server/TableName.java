package dev.freshet.cdc.server;

/** A table's schema and name, as the catalog holds them (unquoted). */
public record TableName(String schema, String name) {
  /** Quoted for SQL. */
  public String sql() {
    return Sql.identifier(schema) + "." + Sql.identifier(name);
  }

  @Override
  public String toString() {
    return schema + "." + name;
  }
}
