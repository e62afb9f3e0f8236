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

  private static final String COMMIT = "COMMIT; SELECT pg_current_wal_insert_lsn()::text";

  /**
   * A generic plan takes an array for ten elements; up to this many rows that is near enough, and
   * planning costs more than it brings. Larger deltas are planned each time, with their true size.
   */
  private static final int GENERIC_PLAN_ROWS = 100;

  private static final SqlStatement CUSTOM_PLAN =
      SqlStatement.of("SET LOCAL plan_cache_mode = force_custom_plan");

  /** A tenth of the usual sample: what matters are orders of magnitude. */
  private static final String STATISTICS = "SET LOCAL default_statistics_target = 10; ANALYZE ";

  private static final int COPY_BUFFER_BYTES = 1 << 16;

  /** What a template does: apply deltas of this shape, or write the whole result. */
  private sealed interface Recipe {
    record Incremental(Map<Integer, DeltaBinding> shape) implements Recipe {}

    record Full(FullMethod method) implements Recipe {}
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
      };
    }
  }

  /** What goes into the frontier's row. */
  record NewFrontier(long streamTableId, Cut cut, String slot) {}

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
    Map<Integer, DeltaBinding> shape =
        deltas.stream()
            .collect(Collectors.toMap(d -> d.need().source().oid(), BoundDelta::binding));
    List<SqlStatement> template =
        rendered(new TemplateKey(query, target, new Recipe.Incremental(shape)));
    return mustBePlannedAnew(deltas) ? prepended(CUSTOM_PLAN, template) : template;
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

  private static List<SqlStatement> prepended(SqlStatement first, List<SqlStatement> rest) {
    List<SqlStatement> all = new ArrayList<>(rest.size() + 1);
    all.add(first);
    all.addAll(rest);
    return all;
  }

  /** Fills the temporary tables of those deltas that travel by COPY. */
  void ship(Connection connection, CompiledQuery query, List<BoundDelta> deltas)
      throws SQLException {
    for (BoundDelta delta : deltas) {
      if (delta.travels() && delta.binding() instanceof DeltaBinding.Table(var form, var name)) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(query.createDeltaTable(delta.need(), form, name).sql());
        }
        copy(connection.unwrap(PgConnection.class), name, delta.rows());
        if (isJoined(query, delta)) {
          analyze(connection, name);
        }
      }
    }
  }

  /** Whether it takes part in joins with other sources, whose order depends on its statistics. */
  private static boolean isJoined(CompiledQuery query, BoundDelta delta) {
    return !(delta.need() instanceof DeltaNeed.Keyed) && query.deltaNeeds().size() > 1;
  }

  private static void analyze(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(STATISTICS + table);
    }
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
      throw new UncheckedIOException("cannot ship " + rows.rowCount() + " delta rows", e);
    }
  }

  /** Runs {@code statements}, moves the frontier and commits, in one round trip. */
  Written commit(
      Connection connection,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      NewFrontier frontier)
      throws SQLException {
    return run(connection, statements, deltas, List.of(FRONTIER, COMMIT), frontier);
  }

  /** Runs {@code statements} and leaves the transaction open. */
  Written write(Connection connection, List<SqlStatement> statements, List<BoundDelta> deltas)
      throws SQLException {
    return statements.isEmpty()
        ? new Written(0, Lsn.ZERO)
        : run(connection, statements, deltas, List.of(), null);
  }

  private Written run(
      Connection connection,
      List<SqlStatement> statements,
      List<BoundDelta> deltas,
      List<String> ending,
      @org.jspecify.annotations.Nullable NewFrontier frontier)
      throws SQLException {
    List<String> texts = new ArrayList<>();
    statements.forEach(statement -> texts.add(statement.sql()));
    texts.addAll(ending);
    try (PreparedStatement batch = connection.prepareStatement(String.join(";\n", texts))) {
      int next = bind(connection, batch, statements, deltas);
      if (frontier != null) {
        batch.setString(next++, frontier.cut().snapshot().toString());
        batch.setString(next++, frontier.cut().lsn().toString());
        batch.setString(next++, frontier.slot());
        batch.setString(next++, frontier.cut().sourceFiles());
        batch.setLong(next, frontier.streamTableId());
      }
      return results(batch, statements.size());
    }
  }

  private int bind(
      Connection connection,
      PreparedStatement batch,
      List<SqlStatement> statements,
      List<BoundDelta> deltas)
      throws SQLException {
    PgConnection pg = connection.unwrap(PgConnection.class);
    int next = 1;
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
