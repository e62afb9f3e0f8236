package dev.freshet.engine.analysis;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.PostgresRejectedException;
import dev.freshet.sql.TableName;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** Answers the compiler's questions with temporary views in the analysing transaction. */
final class JdbcPostgres implements Postgres {
  private final ServerCatalog server;
  private int probes;

  JdbcPostgres(ServerCatalog server) {
    this.server = server;
  }

  @Override
  public List<OutputColumn> describe(String select) {
    return probe(select, server::columnsOf);
  }

  @Override
  public String normalise(String select) {
    return probe(select, server::definitionOf);
  }

  @Override
  public String evaluate(String expression) {
    return saved(() -> server.valueOf(expression));
  }

  @Override
  public Set<FunctionKind> functionKinds(String schema, String name) {
    return ask(() -> server.functionKinds(schema, name));
  }

  @Override
  public String viewDefinition(TableName view) {
    return ask(() -> server.definitionOf(server.oidOf(view.toString())));
  }

  private interface Answer<T> {
    T get() throws SQLException;
  }

  private static <T> T ask(Answer<T> answer) {
    try {
      return answer.get();
    } catch (SQLException e) {
      throw new IllegalStateException("lost the connection while compiling: " + e.getMessage(), e);
    }
  }

  private <T> T probe(String select, Question<T> question) {
    String name = "__freshet_probe_" + ++probes;
    return saved(
        () -> {
          server.execute("CREATE TEMP VIEW " + name + " AS " + select);
          return question.about(server.oidOf("pg_temp." + name));
        });
  }

  /** What PostgreSQL rejects leaves the transaction as it was. */
  private <T> T saved(Answer<T> question) {
    try {
      server.execute("SAVEPOINT freshet_probe");
      try {
        T answer = question.get();
        server.execute("RELEASE SAVEPOINT freshet_probe");
        return answer;
      } catch (SQLException e) {
        server.execute("ROLLBACK TO SAVEPOINT freshet_probe");
        throw new PostgresRejectedException(
            String.valueOf(e.getSQLState()), String.valueOf(e.getMessage()));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("lost the connection while compiling: " + e.getMessage(), e);
    }
  }

  private interface Question<T> {
    T about(int view) throws SQLException;
  }
}
