package dev.freshet.bench.tpch;

import dev.freshet.bench.contest.Contender;
import dev.freshet.bench.contest.Entry;
import dev.freshet.bench.contest.Outcome;
import dev.freshet.bench.contest.TimedRefresh;
import dev.freshet.bench.contest.Turns;
import dev.freshet.bench.server.Comparison;
import dev.freshet.bench.server.StreamTables;
import dev.freshet.engine.Engine;
import dev.freshet.engine.FreshetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A query with the tables that its contenders keep.
 *
 * <p>No refresh may take longer than ten times the fill of the table; then it is cut off, and its
 * contender is out. Whatever else fails puts a contender out too, and the others go on.
 */
final class Rival {
  private static final String SCHEMA = "tpch";
  private static final int PATIENCE = 10;
  private static final Duration LEAST_LIMIT = Duration.ofSeconds(2);

  private final TpchQuery query;
  private final Maintenance maintenance;
  private final Engine engine;
  private final Connection connection;
  private final List<Entry> entries = new ArrayList<>();
  private final Map<Contender, String> out = new EnumMap<>(Contender.class);
  private Duration limit = LEAST_LIMIT;

  Rival(TpchQuery query, Maintenance maintenance, Engine engine, Connection connection) {
    this.query = query;
    this.maintenance = maintenance;
    this.engine = engine;
    this.connection = connection;
  }

  TpchQuery query() {
    return query;
  }

  /** Makes and fills the tables of the contenders; there is no {@code wal} without deltas. */
  void create(List<Contender> contenders) throws SQLException {
    for (Contender contender : contenders) {
      if (contender == Contender.WAL && !maintenance.incremental()) {
        continue;
      }
      Entry entry = new Entry(contender, engine, connection, SCHEMA, "_" + query.name());
      entries.add(entry);
      long start = System.nanoTime();
      try {
        entry.create(
            query.sql(),
            contender == Contender.FULL
                ? Map.of()
                : Map.of("statement-timeout", limit.toMillis() + "ms"));
      } catch (IllegalStateException | FreshetException e) {
        giveUp(entry, e);
      }
      if (contender == Contender.FULL) {
        Duration fill = Duration.ofNanos(System.nanoTime() - start);
        limit = longer(fill.multipliedBy(PATIENCE), LEAST_LIMIT);
      }
    }
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  /** Lets every contender refresh its table, taking {@linkplain Turns turns}. */
  void refresh(long changed, int cycle, boolean measured) throws SQLException {
    for (Entry entry : Turns.of(entries, cycle)) {
      if (out.containsKey(entry.contender())) {
        continue;
      }
      StreamTables.awaitDecoded(engine, connection);
      try {
        TimedRefresh refresh = entry.refresh(changed);
        if (measured) {
          entry.note(refresh);
        }
      } catch (IllegalStateException | FreshetException e) {
        giveUp(entry, e);
      }
    }
  }

  private void giveUp(Entry entry, RuntimeException e) throws SQLException {
    String what = String.valueOf(e.getMessage());
    out.put(
        entry.contender(),
        what.contains("statement timeout") || what.contains("57014")
            ? "cut off after %,d ms".formatted(limit.toMillis())
            : what.lines().findFirst().orElse(what));
    try {
      entry.drop();
    } catch (IllegalStateException | FreshetException _) {
      // It is out already; what is left of it goes with the database.
    }
  }

  /**
   * What was noted since the last call, each table compared with one evaluation of the query.
   * Contenders that are out are told by their reason.
   */
  QueryResult result(double rate) throws SQLException {
    String expected = "expected_" + query.name();
    Map<Contender, Outcome> outcomes = new EnumMap<>(Contender.class);
    execute("CREATE TEMP TABLE " + expected + " AS " + query.sql());
    for (Entry entry : entries) {
      if (!out.containsKey(entry.contender()) && entry.isMeasured()) {
        long differences =
            Comparison.differences(connection, entry.table(), "SELECT * FROM pg_temp." + expected);
        outcomes.put(entry.contender(), entry.outcome(differences));
      }
    }
    execute("DROP TABLE pg_temp." + expected);
    return new QueryResult(query, maintenance, rate, outcomes, out);
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
