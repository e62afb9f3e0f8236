package dev.freshet.bench.contest;

import dev.freshet.bench.server.StreamTables;
import dev.freshet.engine.Engine;
import dev.freshet.engine.control.RefreshReport;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A contender with its table, and the refreshes of it that count. */
public final class Entry {
  private final Contender contender;
  private final Engine engine;
  private final Connection connection;
  private final String schema;
  private final String table;
  private final List<TimedRefresh> refreshes = new ArrayList<>();

  /**
   * @param schema in which the table is made
   * @param suffix of the table's name, where a schema holds several contests
   */
  public Entry(
      Contender contender, Engine engine, Connection connection, String schema, String suffix) {
    this.contender = contender;
    this.engine = engine;
    this.connection = connection;
    this.schema = schema;
    this.table = contender.prefix() + suffix;
  }

  public Contender contender() {
    return contender;
  }

  /** {@code schema.table}. */
  public String table() {
    return schema + "." + table;
  }

  /**
   * Makes the table and fills it.
   *
   * @param settings of the stream table besides the contender's own; a materialized view has none
   */
  public void create(String query, Map<String, String> settings) throws SQLException {
    switch (contender.kind()) {
      case STREAM_TABLE -> {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(contender.settings());
        all.put("schedule", "manual");
        StreamTables.create(engine, table(), query, all);
      }
      case MATERIALIZED_VIEW, MATERIALIZED_VIEW_CONCURRENTLY ->
          execute("CREATE MATERIALIZED VIEW %s AS %s".formatted(table(), query));
    }
  }

  /** Gives a materialized view the unique index that the stream tables have. */
  public void index(String columns) throws SQLException {
    if (contender.kind() != Contender.Kind.STREAM_TABLE) {
      execute("CREATE UNIQUE INDEX ON %s (%s)".formatted(table(), columns));
    }
  }

  /**
   * Refreshes once.
   *
   * @param changed rows that were changed in the sources since the last refresh
   * @throws IllegalStateException if it fails
   */
  public TimedRefresh refresh(long changed) throws SQLException {
    long start = System.nanoTime();
    Optional<RefreshReport> report =
        switch (contender.kind()) {
          case STREAM_TABLE ->
              Optional.of(StreamTables.refresh(engine, table(), contender.refreshMode()));
          case MATERIALIZED_VIEW -> {
            execute("REFRESH MATERIALIZED VIEW " + table());
            yield Optional.empty();
          }
          case MATERIALIZED_VIEW_CONCURRENTLY -> {
            execute("REFRESH MATERIALIZED VIEW CONCURRENTLY " + table());
            yield Optional.empty();
          }
        };
    double millis = (System.nanoTime() - start) / 1e6;
    long delta =
        report
            .filter(done -> done.mode() == RefreshReport.Mode.INCREMENTAL)
            .map(RefreshReport::deltaRows)
            .orElse(changed);
    return new TimedRefresh(millis, delta, report);
  }

  /** Lets {@code refresh} count. */
  public void note(TimedRefresh refresh) {
    refreshes.add(refresh);
  }

  /** Whether any refresh counts yet. */
  public boolean isMeasured() {
    return !refreshes.isEmpty();
  }

  /**
   * Sums up what was noted, and forgets it.
   *
   * @param differences rows in which the table differs from its query now
   */
  public Outcome outcome(long differences) {
    Outcome outcome = Outcome.of(contender, refreshes, differences);
    refreshes.clear();
    return outcome;
  }

  public void drop() throws SQLException {
    switch (contender.kind()) {
      case STREAM_TABLE -> StreamTables.drop(engine, table());
      case MATERIALIZED_VIEW, MATERIALIZED_VIEW_CONCURRENTLY ->
          execute("DROP MATERIALIZED VIEW IF EXISTS " + table());
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
