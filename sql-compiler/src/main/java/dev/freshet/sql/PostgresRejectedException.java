package dev.freshet.sql;

/** PostgreSQL did not accept a text that the compiler made. The query is then refreshed in full. */
public final class PostgresRejectedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String sqlState;

  public PostgresRejectedException(String sqlState, String message) {
    super(message);
    this.sqlState = sqlState;
  }

  public String sqlState() {
    return sqlState;
  }
}
