package dev.freshet.sql;

import dev.freshet.sql.Rig.Transport;
import dev.freshet.sql.random.Plans;
import dev.freshet.sql.random.Script;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Runs one case in a transaction that is rolled back. Where it fails, asks first whether the query
 * by itself fails, or has no single result.
 */
final class CaseRunner {
  private static final String FULL = "FULL";

  private final Connection connection;
  private final UnaryOperator<List<List<String>>> delivery;
  private final Analyst.Memory memory = new Analyst.Memory();

  CaseRunner(Connection connection) {
    this(connection, UnaryOperator.identity());
  }

  /**
   * @param delivery what becomes of a delta on its way
   */
  CaseRunner(Connection connection, UnaryOperator<List<List<String>>> delivery) {
    this.connection = connection;
    this.delivery = delivery;
  }

  /** Runs a script with its own schema in place of the one that the database holds. */
  Outcome alone(Script script) {
    List<String> schema =
        new ArrayList<>(List.of("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"));
    schema.addAll(script.schema());
    try {
      return run(
          new Script(script.title(), schema, script.query(), script.steps()),
          false,
          Transport.ARRAYS);
    } catch (SQLException e) {
      return new Outcome.Rejected(String.valueOf(e.getSQLState()), String.valueOf(e.getMessage()));
    }
  }

  /** How it fails; empty if it does not. */
  String kindOfFailure(Script script) {
    return alone(script) instanceof Outcome.Failed failed ? failed.kind() : "";
  }

  /**
   * @param prepared whether the schema and its first rows are there already
   * @param transport what to use where the script names none
   */
  Outcome run(Script script, boolean prepared, Transport transport) throws SQLException {
    connection.setAutoCommit(false);
    try {
      execute("SET search_path = public; SET LOCAL statement_timeout = '20s'");
      if (!prepared) {
        for (String statement : script.schema()) {
          execute(statement);
        }
      }
      return run(script, transport);
    } catch (SQLException e) {
      return new Outcome.Rejected("schema " + e.getSQLState(), String.valueOf(e.getMessage()));
    } finally {
      if (!connection.isClosed()) { // or what closed it would not be seen
        connection.rollback();
      }
    }
  }

  private Outcome run(Script script, Transport transport) throws SQLException {
    Savepoint start = connection.setSavepoint();
    Rig rig;
    try {
      rig = new Rig(connection, script.query(), delivery, Optional.of(memory));
    } catch (SQLException | RuntimeException | AssertionError e) {
      connection.rollback(start);
      return judged("create", script.query(), List.of(), e);
    }
    boolean full = rig.compiled.refreshClass() == RefreshClass.FULL;
    String reason = full ? rig.compiled.explain().reason() : "";
    if (reason.startsWith(FreshetCompiler.INTERNAL)) {
      return new Outcome.Failed(reason.split(",", 2)[0] + ", create", reason);
    }
    int incremental = 0;
    execute("SAVEPOINT step");
    for (Script.Step step : script.steps()) {
      String name = step.transport().orElse(transport.name());
      String[] changes = step.changes().toArray(String[]::new);
      execute("RELEASE SAVEPOINT step; SAVEPOINT step");
      try {
        if (full || name.equals(FULL)) {
          rig.fullAfter(changes);
        } else {
          int failed = rig.failedDeltas();
          rig.after(Transport.valueOf(name), changes);
          incremental += rig.failedDeltas() > failed ? 0 : 1;
        }
      } catch (SQLException | RuntimeException | AssertionError e) {
        if (connection.isClosed()) {
          throw new IllegalStateException("no connection after " + script, e);
        }
        execute("ROLLBACK TO SAVEPOINT step");
        return judged("refresh", script.query(), step.changes(), e);
      }
    }
    execute("SET search_path = public");
    Optional<String> other = Plans.otherResult(connection, script.query());
    if (other.isPresent()) {
      return new Outcome.Undetermined(other.get());
    }
    return new Outcome.Clean(
        rig.compiled.refreshClass(),
        reason,
        incremental,
        script.steps().size() - incremental,
        rig.failedDeltas(),
        rig.isFiltered());
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Whose fault it is. */
  private Outcome judged(String phase, String query, List<String> changes, Throwable thrown)
      throws SQLException {
    String message = phase + ": " + thrown.getMessage();
    if (phase.equals("refresh")) {
      execute("SET search_path = public");
      for (String change : changes) {
        Savepoint before = connection.setSavepoint();
        try {
          execute(change);
        } catch (SQLException e) {
          if (!String.valueOf(e.getSQLState()).startsWith("23")) {
            return new Outcome.Rejected("change " + e.getSQLState(), e.getMessage() + change);
          }
          connection.rollback(before);
        }
      }
    }
    Savepoint asked = connection.setSavepoint();
    try {
      execute("CREATE TEMPORARY VIEW asked AS " + query);
      Optional<String> other = Plans.otherResult(connection, query);
      if (other.isPresent()) {
        return new Outcome.Undetermined(other.get());
      }
    } catch (SQLException e) {
      return new Outcome.Rejected(String.valueOf(e.getSQLState()), String.valueOf(e.getMessage()));
    } finally {
      connection.rollback(asked);
    }
    return new Outcome.Failed(kind(phase, thrown), message);
  }

  private static String kind(String phase, Throwable thrown) {
    return switch (thrown) {
      case AssertionError e when String.valueOf(e.getMessage()).contains("hidden columns") ->
          "wrong hidden columns, " + phase;
      case AssertionError _ -> "wrong result, " + phase;
      case PostgresRejectedException e -> "SQLSTATE " + e.sqlState() + ", " + phase;
      case SQLException e -> "SQLSTATE " + e.getSQLState() + ", " + phase;
      default -> thrown.getClass().getSimpleName() + ", " + phase;
    };
  }
}
