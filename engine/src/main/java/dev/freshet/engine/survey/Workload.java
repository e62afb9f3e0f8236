package dev.freshet.engine.survey;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.analysis.Unreadable;
import dev.freshet.engine.script.Purpose;
import dev.freshet.engine.script.Script;
import dev.freshet.engine.script.ScriptPart;
import dev.freshet.engine.survey.JudgedQuery.Full;
import dev.freshet.engine.survey.JudgedQuery.Incremental;
import dev.freshet.engine.survey.JudgedQuery.Outcome;
import dev.freshet.engine.survey.JudgedQuery.Refused;
import dev.freshet.engine.survey.WorkloadReport.Failure;
import dev.freshet.engine.survey.WorkloadReport.Skipped;
import dev.freshet.sql.FreshetCompiler;
import dev.freshet.sql.OperatorNote;
import dev.freshet.sql.RefreshClass;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads scripts into one database, in order: runs what defines, judges what queries.
 *
 * <p>In a transaction of the caller's every statement stands behind a savepoint of its own, so that
 * one that fails leaves the others; the caller rolls back. In auto-commit mode each is committed,
 * as {@code psql} would: right for a database that is thrown away.
 */
public final class Workload {
  /** A table, an object, a function or a schema of that name exists (errcodes.txt). */
  private static final Set<String> DUPLICATES = Set.of("42P07", "42710", "42723", "42P06");

  private static final int EXCERPT = 60;

  private final Connection connection;
  private final boolean inTransaction;
  private final QueryAnalyzer analyzer = new QueryAnalyzer(new FreshetCompiler());
  private final List<JudgedQuery> queries = new ArrayList<>();
  private final List<Failure> failures = new ArrayList<>();
  private final Map<String, Skipped> skipped = new LinkedHashMap<>();

  private Workload(Connection connection) throws SQLException {
    this.connection = connection;
    this.inTransaction = !connection.getAutoCommit();
  }

  /**
   * Judges all queries of {@code files}.
   *
   * @param connection in a transaction, which is left to be rolled back, or in auto-commit mode
   * @throws SQLException if the server is lost
   */
  public static WorkloadReport judge(Connection connection, List<ScriptFile> files)
      throws SQLException {
    Workload workload = new Workload(connection);
    for (ScriptFile file : files) {
      workload.read(file);
    }
    return new WorkloadReport(
        workload.queries, workload.failures, List.copyOf(workload.skipped.values()));
  }

  private void read(ScriptFile file) throws SQLException {
    int bare = 0;
    for (ScriptPart part : Script.parts(file.text())) {
      switch (part) {
        case ScriptPart.ForPsql(String what, int start) ->
            skip("psql's " + what, file.place(start));
        case ScriptPart.Statement statement -> {
          Purpose purpose = Purpose.of(statement.text());
          bare += purpose instanceof Purpose.Query ? 1 : 0;
          treat(file, statement, purpose, bare);
        }
      }
    }
  }

  private void treat(ScriptFile file, ScriptPart.Statement statement, Purpose purpose, int bare)
      throws SQLException {
    switch (purpose) {
      case Purpose.Immaterial(String what) -> skip(what, file.place(statement.start()));
      case Purpose.Definition(String sql) -> define(file, statement, sql);
      case Purpose.Code(String sql) -> {
        if (inTransaction) {
          skip("code (DO), which is not run in a database of yours", file.place(statement.start()));
        } else {
          define(file, statement, sql);
        }
      }
      case Purpose.Query query -> {
        if (file.judged()) {
          judge(file, statement, "query " + bare, query);
        }
      }
      case Purpose.View(String name, Purpose.Query query, String definition) -> {
        boolean refused = file.judged() && !judge(file, statement, name, query);
        if (refused) {
          attempt(definition); // if it fails, that has been told
        } else {
          define(file, statement, definition);
        }
      }
    }
  }

  /**
   * @return false if it is refused
   */
  private boolean judge(
      ScriptFile file, ScriptPart.Statement statement, String name, Purpose.Query query)
      throws SQLException {
    Outcome outcome;
    try {
      outcome = outcome(analyze(query.text()));
    } catch (FreshetException e) {
      if (e.kind() == FreshetException.Kind.CONNECTION) {
        throw e;
      }
      outcome = refused(e, file, statement.start() + query.offset(), query.text());
    }
    queries.add(
        new JudgedQuery(
            name, file.place(statement.start()), statement.comment(), query.text(), outcome));
    return !(outcome instanceof Refused);
  }

  private Analysis analyze(String query) throws SQLException {
    return inTransaction
        ? analyzer.analyzeWithin(connection, query)
        : analyzer.analyze(connection, query);
  }

  private Outcome outcome(Analysis analysis) throws SQLException {
    Optional<Unreadable> unreadable = QueryAnalyzer.unreadable(connection, analysis.bases());
    if (unreadable.isPresent()) {
      return new Refused(
          unreadable.get().problem("the role"),
          unreadable.get().remedy(ServerErrors.ROLE),
          Optional.of("42501"),
          Optional.empty(),
          Optional.empty());
    }
    RefreshClass refreshClass = analysis.compiled().refreshClass();
    return switch (refreshClass) {
      case ALGEBRAIC, AFFECTED_KEYS -> new Incremental(refreshClass);
      case FULL -> {
        OperatorNote note = analysis.compiled().explain();
        yield new Full(reason(note).orElse(note.reason()));
      }
    };
  }

  /** Of the first operator that is refreshed in full and says why. */
  private static Optional<String> reason(OperatorNote note) {
    if (note.refreshClass() != RefreshClass.FULL) {
      return Optional.empty();
    }
    return note.inputs().stream()
        .flatMap(input -> reason(input).stream())
        .findFirst()
        .or(() -> Optional.of(note.reason()).filter(reason -> !reason.isEmpty()));
  }

  private static Refused refused(FreshetException e, ScriptFile file, int offset, String query) {
    return new Refused(
        String.valueOf(e.getMessage()),
        e.remedy(),
        e.sqlState(),
        e.position(),
        e.position()
            .map(
                position ->
                    file.place(
                        offset
                            + query.offsetByCodePoints(
                                0,
                                Math.min(position - 1, query.codePointCount(0, query.length()))))));
  }

  private void define(ScriptFile file, ScriptPart.Statement statement, String sql)
      throws SQLException {
    Place place = file.place(statement.start());
    Optional<SQLException> failure = attempt(sql);
    if (failure.isEmpty()) {
      return;
    }
    SQLException e = failure.get();
    String state = String.valueOf(e.getSQLState());
    if (inTransaction && DUPLICATES.contains(state)) {
      skip("definitions of what the database has already", place);
      return;
    }
    failures.add(new Failure(place, excerpt(statement.text()), message(e), Optional.of(state)));
  }

  /** Runs {@code sql}; what it failed with, if it did. */
  private Optional<SQLException> attempt(String sql) throws SQLException {
    Optional<Savepoint> before =
        inTransaction ? Optional.of(connection.setSavepoint()) : Optional.empty();
    try (Statement run = connection.createStatement()) {
      run.setEscapeProcessing(false);
      run.execute(sql);
      return Optional.empty();
    } catch (SQLException e) {
      if (!connection.isValid(1)) {
        throw ServerErrors.translate(e, "run: " + excerpt(sql));
      }
      if (before.isPresent()) {
        connection.rollback(before.get());
      }
      return Optional.of(e);
    }
  }

  private void skip(String what, Place place) {
    skipped.merge(
        what,
        new Skipped(what, 1, place),
        (old, _) -> new Skipped(what, old.count() + 1, old.first()));
  }

  private static String message(SQLException e) {
    return String.valueOf(e.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("^ERROR: ", "");
  }

  private static String excerpt(String statement) {
    String line = statement.strip().replaceAll("\\s+", " ");
    return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT - 1) + "…";
  }
}
