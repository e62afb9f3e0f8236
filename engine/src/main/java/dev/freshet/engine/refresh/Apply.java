package dev.freshet.engine.refresh;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.Lsn;
import dev.freshet.config.FullMethod;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.SqlStatement.Parameter;
import dev.freshet.sql.TableName;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.PGCopyOutputStream;
import org.postgresql.jdbc.PgConnection;

/**
 * Ships deltas and writes a stream table, its frontier and the commit.
 *
 * <p>All statements of a refresh travel as one batch in one round trip: the changes of the stream
 * table, the frontier, COMMIT, and a read of the log position behind the commit record.
 */
final class Apply {
  private static final String FRONTIER =
      """
      UPDATE freshet.frontier SET snapshot = ?::pg_snapshot, lsn = ?::pg_lsn, slot = ?,
        source_files = ?, clock = now(), valid = true, refreshed_at = clock_timestamp()
      WHERE stream_table_id = ?\
      """;

  /** As a parameter, so that the text stays the same and the statements stay prepared. */
  private static final String LIMIT = "SELECT set_config('statement_timeout', ?, true)";

  private static final String COMMIT = "COMMIT; SELECT pg_current_wal_insert_lsn()::text";

  /**
   * A generic plan takes an array for ten elements; up to this many rows that is near enough, and
   * planning costs more than it brings. Larger deltas are planned each time, with their true size.
   */
  private static final int GENERIC_PLAN_ROWS = 100;

  private static final SqlStatement CUSTOM_PLAN =
      SqlStatement.of("SET LOCAL plan_cache_mode = force_custom_plan");

  /**
   * A few thousand rows are looked up or hashed, never merged with a whole table. Not to consider
   * it halves the planning of joins of many tables (TPC-H Q9: 24 ms, then 13).
   */
  private static final SqlStatement NO_MERGE_JOIN =
      SqlStatement.of("SET LOCAL enable_mergejoin = off");

  /** In a graph's transaction the next member may be refreshed in full. */
  private static final SqlStatement MERGE_JOIN_AGAIN =
      SqlStatement.of("SET LOCAL enable_mergejoin TO DEFAULT");

  /**
   * What matters are orders of magnitude, so a sample of 300 times this, where PostgreSQL takes
   * 100. With 10, analysing the 6,000 rows of a small delta takes 9 ms, with 3 it takes 2.5.
   */
  private static final String SMALL_SAMPLE = "SET LOCAL default_statistics_target = 3; ANALYZE ";

  private static final String SAMPLE = "SET LOCAL default_statistics_target = 10; ANALYZE ";

  /** From so many rows on, what the delta costs afterwards is worth the larger sample. */
  private static final int LARGE_ROWS = 20_000;

  /** Computed once, and not wherever a statement reads it. */
  private static final String MADE =
      "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT * FROM %s AS u";

  private static final int COPY_BUFFER_BYTES = 1 << 16;

  /** What a template does: apply deltas of this shape, or write the whole result. */
  private sealed interface Recipe {
    record Incremental(Map<Integer, DeltaBinding> shape) implements Recipe {}

    record Full(FullMethod method) implements Recipe {}

    /** Indexes of a source's delta in a temporary table, beside the others. */
    record Indexes(int source, String table, Map<Integer, DeltaBinding> shape) implements Recipe {}
  }

  private record TemplateKey(CompiledQuery query, TableName target, Recipe recipe) {
    @Override
    public boolean equals(Object other) {
      return other instanceof TemplateKey(var otherQuery, var otherTarget, var otherRecipe)
          && query == otherQuery
          && target.equals(otherTarget)
          && recipe.equals(otherRecipe);
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(query) * 31 + recipe.hashCode();
    }

    List<SqlStatement> render() {
      return switch (recipe) {
        case Recipe.Incremental(var shape) -> query.incremental(target, shape);
        case Recipe.Full(var method) ->
            switch (method) {
              case MERGE -> query.full(target);
              case REBUILD -> query.rebuild(target);
            };
        case Recipe.Indexes(var source, var table, var shape) ->
            query.deltaNeeds().stream()
                .filter(need -> need.source().oid() == source)
                .flatMap(need -> query.indexDeltaTable(need, table, shape).stream())
                .toList();
      };
    }
  }

  /** What goes into the frontier's row. */
  record NewFrontier(long streamTableId, Cut cut, String origin) {}

  /**
   * @param committedAt a log position behind the commit record; zero before the commit
   */
  record Written(long rows, Lsn committedAt) {}

  private final ArrayTypes arrayTypes;
  private final Cache<TemplateKey, List<SqlStatement>> templates =
      Caffeine.newBuilder().maximumSize(4096).build();

  Apply(ArrayTypes arrayTypes) {
    this.arrayTypes = arrayTypes;
  }

  /** The statements for exactly these sources in these forms, rendered once. */
  List<SqlStatement> template(CompiledQuery query, TableName target, List<BoundDelta> deltas) {
    List<SqlStatement> template =
        rendered(new TemplateKey(query, target, new Recipe.Incremental(bindings(deltas))));
    if (!mustBePlannedAnew(deltas)) {
      return template;
    }
    List<SqlStatement> planned = new ArrayList<>(template.size() + 3);
    planned.add(CUSTOM_PLAN);
    if (BoundDelta.rowsOf(deltas) < LARGE_ROWS) {
      planned.add(NO_MERGE_JOIN);
      planned.addAll(template);
      planned.add(MERGE_JOIN_AGAIN);
    } else {
      planned.addAll(template);
    }
    return planned;
  }

  private static Map<Integer, DeltaBinding> bindings(List<BoundDelta> deltas) {
    return deltas.stream()
        .collect(Collectors.toMap(d -> d.need().source().oid(), BoundDelta::binding));
  }

  /** The statements of a full refresh, rendered once: on a small table that costs as much as it. */
  List<SqlStatement> template(CompiledQuery query, TableName target, FullMethod method) {
    return rendered(new TemplateKey(query, target, new Recipe.Full(method)));
  }

  private List<SqlStatement> rendered(TemplateKey key) {
    return templates.get(key, TemplateKey::render);
  }

  private static boolean mustBePlannedAnew(List<BoundDelta> deltas) {
    for (BoundDelta delta : deltas) {
      if (delta.binding() instanceof DeltaBinding.Table
          || delta.rows().rowCount() > GENERIC_PLAN_ROWS) {
        return true;
      }
    }
    return false;
  }

  /**
   * Fills the temporary tables of those deltas that travel by COPY, or are made of what is in the
   * server already: a round trip that makes them, one for each COPY, and one for indexes and
   * statistics.
   */
  void ship(Connection connection, CompiledQuery query, TableName target, List<BoundDelta> deltas)
      throws SQLException {
    List<String> makes = new ArrayList<>();
    List<String> prepares = new ArrayList<>();
    List<String> joined = new ArrayList<>();
    boolean large = false;
    for (BoundDelta delta : deltas) {
      boolean isOurs = delta.travels() || delta.made().isPresent();
      if (isOurs && delta.binding() instanceof DeltaBinding.Table(var form, var name)) {
        makes.add(
            delta
                .made()
                .map(rows -> MADE.formatted(name, rows))
                .orElseGet(() -> query.createDeltaTable(delta.need(), form, name).sql()));
        if (delta.indexed()) {
          var indexes = new Recipe.Indexes(delta.need().source().oid(), name, bindings(deltas));
          rendered(new TemplateKey(query, target, indexes))
              .forEach(index -> prepares.add(index.sql()));
        }
        if (delta.indexed() || isJoined(query, delta)) {
          joined.add(name);
          large |= delta.rows().rowCount() >= LARGE_ROWS;
        }
      }
    }
    if (!joined.isEmpty()) {
      prepares.add((large ? SAMPLE : SMALL_SAMPLE) + String.join(", ", joined));
    }
    execute(connection, makes);
    for (BoundDelta delta : deltas) {
      if (delta.travels() && delta.binding() instanceof DeltaBinding.Table(_, var name)) {
        copy(connection.unwrap(PgConnection.class), name, delta.rows());
      }
    }
    execute(connection, prepares);
  }

  private static void execute(Connection connection, List<String> statements) throws SQLException {
    if (!statements.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(String.join(";\n", statements));
      }
    }
  }

  /** Whether it takes part in joins with other sources, whose order depends on its statistics. */
  private static boolean isJoined(CompiledQuery query, BoundDelta delta) {
    return !(delta.need() instanceof DeltaNeed.Keyed) && query.deltaNeeds().size() > 1;
  }

  private static void copy(PgConnection connection, String table, DeltaRows rows)
      throws SQLException {
    CopyIn copy = connection.getCopyAPI().copyIn("COPY " + table + " FROM STDIN (FORMAT binary)");
    try (OutputStream out = new PGCopyOutputStream(copy, COPY_BUFFER_BYTES)) {
      rows.writeCopyBinary(out);
    } catch (IOException e) {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
      if (e.getCause() instanceof SQLException refused) {
        throw refused;
      }
      throw new UncheckedIOException("cannot ship " + rows.rowCount() + " delta rows", e);
    }
  }

  /** Runs {@code statements}, moves the frontier and commits, in one round trip. */
  Written commit(
      Connection connection,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      Optional<TimeLimit> limit,
      NewFrontier frontier)
      throws SQLException {
    return run(connection, statements, deltas, limit, Optional.of(frontier));
  }

  /** Runs {@code statements} and leaves the transaction open. */
  Written write(
      Connection connection,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      Optional<TimeLimit> limit)
      throws SQLException {
    return statements.isEmpty()
        ? new Written(0, Lsn.ZERO)
        : run(connection, statements, deltas, limit, Optional.empty());
  }

  private Written run(
      Connection connection,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      Optional<TimeLimit> limit,
      Optional<NewFrontier> frontier)
      throws SQLException {
    List<String> texts = new ArrayList<>();
    limit.ifPresent(_ -> texts.add(LIMIT));
    statements.forEach(statement -> texts.add(statement.sql()));
    limit.ifPresent(_ -> texts.add(LIMIT));
    int own = texts.size();
    frontier.ifPresent(_ -> texts.addAll(List.of(FRONTIER, COMMIT)));
    try (PreparedStatement batch = connection.prepareStatement(String.join(";\n", texts))) {
      int next = 1;
      if (limit.isPresent()) {
        batch.setString(next++, Long.toString(limit.get().limit().toMillis()));
      }
      next = bind(connection, batch, statements, deltas, next);
      if (limit.isPresent()) {
        batch.setString(next++, Long.toString(limit.get().afterwards().toMillis()));
      }
      if (frontier.isPresent()) {
        bind(batch, frontier.get(), next);
      }
      return results(batch, own);
    }
  }

  private static void bind(PreparedStatement batch, NewFrontier frontier, int first)
      throws SQLException {
    batch.setString(first, frontier.cut().snapshot().toString());
    batch.setString(first + 1, frontier.cut().lsn().toString());
    batch.setString(first + 2, frontier.origin());
    batch.setString(first + 3, frontier.cut().sourceFiles());
    batch.setLong(first + 4, frontier.streamTableId());
  }

  private int bind(
      Connection connection,
      PreparedStatement batch,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      int first)
      throws SQLException {
    PgConnection pg = connection.unwrap(PgConnection.class);
    int next = first;
    for (SqlStatement statement : statements) {
      for (Parameter parameter : statement.parameters()) {
        DeltaRows rows = rowsOf(deltas, parameter.sourceOid());
        DeltaRows.Column column = rows.columns().get(parameter.column());
        int arrayOid = column.binary() ? arrayTypes.of(pg, column.typeOid()) : ArrayTypes.TEXT;
        batch.setObject(next++, BinaryArray.of(pg, arrayOid, rows.arrayBytes(parameter.column())));
      }
    }
    return next;
  }

  private static DeltaRows rowsOf(List<BoundDelta> deltas, int sourceOid) {
    for (BoundDelta delta : deltas) {
      if (delta.need().source().oid() == sourceOid) {
        return delta.rows();
      }
    }
    throw new IllegalStateException("no delta is bound for relation " + sourceOid);
  }

  /** Adds up the row counts of the first {@code counted} statements and finds the log position. */
  private static Written results(PreparedStatement batch, int counted) throws SQLException {
    long rows = 0;
    Lsn position = Lsn.ZERO;
    boolean isResultSet = batch.execute();
    for (int i = 0; isResultSet || batch.getUpdateCount() >= 0; i++) {
      if (isResultSet) {
        try (ResultSet row = batch.getResultSet()) {
          if (row.next() && i >= counted) {
            position = Lsn.parse(row.getString(1));
          }
        }
      } else if (i < counted) {
        rows += batch.getUpdateCount();
      }
      isResultSet = batch.getMoreResults();
    }
    return new Written(rows, position);
  }
}
