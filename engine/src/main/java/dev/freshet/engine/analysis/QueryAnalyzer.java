package dev.freshet.engine.analysis;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.script.Places;
import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.CompilationInterruptedException;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.QueryCompiler;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.postgresql.core.Parser;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Lets PostgreSQL analyse a defining query, then compiles it.
 *
 * <p>Everything happens in one transaction that rolls back. Names are resolved with the session's
 * {@code search_path}; texts are printed with an empty one, so that every relation is qualified.
 */
public final class QueryAnalyzer {
  private static final String PROBE = "CREATE TEMP VIEW __freshet_query AS (";

  private static final String FEATURE_NOT_SUPPORTED = "0A000";

  private final QueryCompiler compiler;

  public QueryAnalyzer(QueryCompiler compiler) {
    this.compiler = compiler;
  }

  /**
   * @param connection not in a transaction; is rolled back
   * @throws FreshetException BAD_QUERY with PostgreSQL's message, SQLSTATE and position in {@code
   *     text}; UNSUPPORTED_QUERY if it is volatile, locks rows or reads a temporary table
   */
  public Analysis analyze(Connection connection, String text) throws SQLException {
    return analyze(connection, text, SessionPins.NONE);
  }

  /**
   * The same for a query that stands in the catalog already.
   *
   * @param pins the settings under which it was analysed before; if there are none, those that are
   *     in effect
   */
  public Analysis analyze(Connection connection, String text, SessionPins pins)
      throws SQLException {
    connection.setAutoCommit(false);
    try {
      return analyzed(connection, text, pins);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /**
   * The same in a transaction of the caller's, which afterwards is as it was before: for queries
   * over tables that this transaction has created.
   *
   * @param connection in a transaction
   */
  public Analysis analyzeWithin(Connection connection, String text) throws SQLException {
    return analyzeWithin(connection, text, SessionPins.NONE);
  }

  /** As {@link #analyze(Connection, String, SessionPins)}, in a transaction of the caller's. */
  public Analysis analyzeWithin(Connection connection, String text, SessionPins pins)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      return analyzed(connection, text, pins);
    } finally {
      connection.rollback(before);
      connection.releaseSavepoint(before);
    }
  }

  /** Constants are read under the pinned settings, and printed under them. */
  private Analysis analyzed(Connection connection, String text, SessionPins recorded)
      throws SQLException {
    String query = singleStatement(text);
    SessionPins pins = recorded.isEmpty() ? SessionPins.effective(connection) : recorded;
    pins.apply(connection);
    createProbe(connection, query);
    HiddenColumns.leaveOut(connection, PROBE, query);
    ServerCatalog server = new ServerCatalog(connection);
    server.emptySearchPath();
    Volatility volatility = Volatility.of(connection, "pg_temp.__freshet_query");
    refuse(volatility, query);
    int view = server.oidOf("pg_temp.__freshet_query");
    List<SourceTable> sources = server.sourcesOf(view);
    List<SourceTable> bases = server.basesOf(view);
    refuseTemporary(bases);
    AnalyzedQuery analyzed =
        new AnalyzedQuery(
            text,
            server.definitionOf(view),
            server.columnsOf(view),
            sources,
            volatility.calls(),
            server.majorVersion());
    return new Analysis(
        compiled(analyzed, server),
        bases,
        volatility.definitions(),
        server.usedColumnsOf(view),
        server.streamTablesAmong(bases),
        pins);
  }

  private CompiledQuery compiled(AnalyzedQuery query, ServerCatalog server) {
    try {
      return compiler.compile(query, new JdbcPostgres(server));
    } catch (CompilationInterruptedException e) {
      throw FreshetException.of(
          Kind.TIMEOUT,
          "interrupted while the defining query was compiled",
          "run the command again: nothing has changed",
          e);
    }
  }

  /** The query without trailing semicolons and blanks. */
  private static String singleStatement(String text) throws SQLException {
    var statements = Parser.parseJdbcSql(text, true, false, true, true, true);
    if (statements.isEmpty()) {
      throw FreshetException.of(
          Kind.BAD_QUERY, "the defining query is empty", "give one SELECT, for example --query");
    }
    if (statements.size() > 1) {
      throw FreshetException.of(
          Kind.BAD_QUERY,
          "the defining query has " + statements.size() + " statements",
          "give exactly one SELECT");
    }
    return statements.getFirst().nativeSql;
  }

  private static void createProbe(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(PROBE + query + "\n)");
    } catch (PSQLException e) {
      throw rejected(e, query);
    }
  }

  private static FreshetException rejected(PSQLException e, String query) {
    String state = String.valueOf(e.getSQLState());
    ServerErrorMessage server = e.getServerErrorMessage();
    if (server == null || state.startsWith("08") || state.startsWith("57")) {
      return ServerErrors.translate(e, "analyse the defining query");
    }
    int position = server.getPosition() - PROBE.length();
    boolean atEnd = position > query.length();
    boolean inQuery = position >= 1 && !atEnd;
    if (state.equals("42501")) {
      return ServerErrors.translateReading(e, "analyse the defining query");
    }
    Optional<Integer> writing = Places.ofWriting(query);
    if (state.equals(FEATURE_NOT_SUPPORTED) && writing.isPresent()) {
      return unsupported(
          "the defining query changes data",
          "move INSERT, UPDATE, DELETE or MERGE out of it: a stream table only reads its sources",
          writing);
    }
    String hint = server.getHint();
    return FreshetException.fromServer(
        Kind.BAD_QUERY,
        "PostgreSQL rejects the defining query: "
            + (atEnd ? "syntax error at end of input" : server.getMessage()),
        hint == null ? "correct the query; psql shows the same error" : hint,
        state,
        inQuery || atEnd ? Optional.of(Math.min(position, query.length() + 1)) : Optional.empty(),
        e);
  }

  private static void refuse(Volatility volatility, String query) {
    if (volatility.refused().isEmpty()) {
      return;
    }
    switch (volatility.refused().getFirst()) {
      case Volatility.CallsVolatile(String function) ->
          throw unsupported(
              "the defining query calls "
                  + function
                  + ", which is VOLATILE: its result changes"
                  + " without any change of the sources",
              "remove the call, or declare the function IMMUTABLE or STABLE if it is",
              Places.ofCall(query, function));
      case Volatility.LocksRows _ ->
          throw unsupported(
              "the defining query locks rows (FOR UPDATE or FOR SHARE)",
              "remove the locking clause: a stream table only reads its sources",
              Places.ofLocking(query));
      case Volatility.Samples _ ->
          throw unsupported(
              "the defining query uses TABLESAMPLE, whose result is random",
              "remove TABLESAMPLE; for a fixed sample filter by a hash of the key, for example"
                  + " hashint8(id) % 100 = 0",
              Places.ofSampling(query));
    }
  }

  /**
   * @param position empty if what is refused stands in a view beneath the query
   */
  private static FreshetException unsupported(
      String message, String remedy, Optional<Integer> position) {
    return FreshetException.fromServer(
        Kind.UNSUPPORTED_QUERY,
        message,
        remedy,
        FEATURE_NOT_SUPPORTED,
        position,
        new IllegalArgumentException(message));
  }

  private static void refuseTemporary(List<SourceTable> bases) {
    for (SourceTable table : bases) {
      if (table.kind() == SourceTable.Kind.TEMPORARY) {
        throw FreshetException.of(
            Kind.UNSUPPORTED_QUERY,
            "source " + table.name() + " is a temporary table, which only one session sees",
            "use a permanent table");
      }
    }
  }

  /** Whether the role may read every base table; the views above were checked by PostgreSQL. */
  public static Optional<Unreadable> unreadable(Connection connection, List<SourceTable> bases)
      throws SQLException {
    for (SourceTable table : bases) {
      String oid = Integer.toUnsignedString(table.oid());
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT has_table_privilege(%1$s::oid, 'SELECT'), row_security_active(%1$s::oid)"
                      .formatted(oid))) {
        row.next();
        if (!row.getBoolean(1)) {
          return Optional.of(new Unreadable.Denied(table.name()));
        }
        if (row.getBoolean(2)) {
          return Optional.of(new Unreadable.Filtered(table.name()));
        }
      }
    }
    return Optional.empty();
  }
}
