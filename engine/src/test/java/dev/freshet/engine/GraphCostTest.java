package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a graph costs beside the same stream tables unrelated, each over the base table: by the
 * statements that the server saw. {@code -Dfreshet.graph.print=true} prints them, and times.
 */
class GraphCostTest {
  private static final Map<String, String> INCREMENTAL =
      Map.of("max-change-ratio", "1", "cost", "off");

  private EmbeddedServer server;
  private Freshet freshet;

  @BeforeEach
  void startServer() throws SQLException {
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("fsync", "off")
            .setting("shared_buffers", "64MB")
            .setting("shared_preload_libraries", "pg_stat_statements")
            .setting("pg_stat_statements.track_utility", "off")
            .start();
    freshet = Freshet.on(server, Map.of());
    freshet.sql(
        "CREATE EXTENSION pg_stat_statements",
        "CREATE TABLE orders (id int PRIMARY KEY, region text, amount int)",
        "INSERT INTO orders SELECT i, 'r' || i % 100, i FROM generate_series(1, 20000) i",
        "ANALYZE orders");
  }

  @AfterEach
  void stopServer() throws SQLException {
    freshet.close();
    server.close();
  }

  private void createGraph() {
    freshet.create("a", "SELECT id, region, amount FROM orders WHERE amount > 5", INCREMENTAL);
    freshet.create(
        "b", "SELECT region, sum(amount) AS total, count(*) AS n FROM a GROUP BY 1", INCREMENTAL);
    freshet.create("c", "SELECT region, total FROM b WHERE total > 1000", INCREMENTAL);
  }

  private void createUnrelated() {
    freshet.create("ua", "SELECT id, region, amount FROM orders WHERE amount > 5", INCREMENTAL);
    freshet.create(
        "ub",
        "SELECT region, sum(amount) AS total, count(*) AS n FROM orders WHERE amount > 5 GROUP BY"
            + " 1",
        INCREMENTAL);
    freshet.create(
        "uc",
        "SELECT region, total FROM (SELECT region, sum(amount) AS total FROM orders WHERE amount >"
            + " 5 GROUP BY 1) q WHERE total > 1000",
        INCREMENTAL);
  }

  /** What the server saw of others than this test since the last reset. */
  private record Seen(long statements, long frontiers, List<String> texts) {}

  private void forget() throws SQLException {
    freshet.rows("SELECT pg_stat_statements_reset()");
  }

  private Seen seen() throws SQLException {
    String from =
        " FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname ="
            + " current_database()) AND query NOT LIKE '%pg_stat_statements%'"
            + " AND query NOT LIKE 'UPDATE orders%'";
    return new Seen(
        number("SELECT coalesce(sum(calls), 0)" + from),
        number(
            "SELECT coalesce(sum(calls), 0)" + from + " AND query LIKE 'UPDATE freshet.frontier%'"),
        freshet.rows("SELECT calls, left(query, 120)" + from + " ORDER BY calls DESC LIMIT 40"));
  }

  private long number(String sql) throws SQLException {
    return Long.parseLong(freshet.rows(sql).getFirst().replaceAll("[()]", ""));
  }

  /** One refresh of all after ten changed rows; the milliseconds that it took. */
  private double refresh(int round) throws SQLException {
    freshet.sql(
        "UPDATE orders SET amount = amount + 1 WHERE id BETWEEN %d AND %d"
            .formatted(round * 10 + 1, round * 10 + 10));
    long begin = System.nanoTime();
    Reply.Refreshed refreshed =
        (Reply.Refreshed)
            freshet.engine().execute(new Command.Refresh(List.of(), Optional.empty()));
    double took = (System.nanoTime() - begin) / 1e6;
    assertThat(refreshed.reports()).hasSize(3).allMatch(r -> r.mode() == Mode.INCREMENTAL);
    return took;
  }

  private record Measured(Seen seen, double medianMillis) {}

  private Measured measure() throws SQLException {
    for (int i = 0; i < 30; i++) {
      refresh(i);
    }
    double[] times = new double[40];
    List<Seen> each = new ArrayList<>();
    for (int i = 0; i < times.length; i++) {
      forget();
      times[i] = refresh(30 + i);
      each.add(seen());
    }
    Arrays.sort(times);
    each.sort((a, b) -> Long.compare(a.statements(), b.statements()));
    return new Measured(each.get(each.size() / 2), times[times.length / 2]);
  }

  @Test
  void graphIsOneTransactionAndNoMoreStatementsThanTablesApart() throws SQLException {
    createUnrelated();
    Measured apart = measure();
    freshet.engine().execute(new Command.Drop("ua", false, false));
    freshet.engine().execute(new Command.Drop("ub", false, false));
    freshet.engine().execute(new Command.Drop("uc", false, false));
    createGraph();
    Measured graph = measure();
    if (Boolean.getBoolean("freshet.graph.print")) {
      for (Measured measured : List.of(apart, graph)) {
        System.out.printf(
            "%s: %d statements, median %.2f ms%n",
            measured == graph ? "graph" : "apart",
            measured.seen().statements(),
            measured.medianMillis());
        measured.seen().texts().forEach(System.out::println);
      }
    }
    assertThat(graph.seen().frontiers()).as("%s", graph).isEqualTo(1);
    assertThat(apart.seen().frontiers()).as("%s", apart).isEqualTo(3);
    assertThat(graph.seen().statements())
        .as("%s %s", graph.seen().texts(), apart.seen().texts())
        .isLessThanOrEqualTo(apart.seen().statements());
  }

  @Test
  void tickOfAGraphThatFindsNothingSendsNoStatement() throws SQLException {
    createGraph();
    refresh(1);
    for (String name : List.of("a", "b", "c")) {
      freshet
          .engine()
          .execute(new Command.Alter(name, Optional.empty(), Map.of("schedule", "2ms")));
    }
    freshet.engine().start();
    LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
    forget();
    LockSupport.parkNanos(Duration.ofSeconds(3).toNanos());
    Seen ticking = seen();
    assertThat(ticking.statements())
        .as("4,500 ticks were due; what is left is housekeeping: %s", ticking.texts())
        .isLessThan(60);
    assertThat(ticking.texts()).noneMatch(text -> text.contains("BEGIN ISOLATION"));
  }
}
