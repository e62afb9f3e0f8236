package dev.freshet.bench.server;

import dev.freshet.cdc.Lsn;
import dev.freshet.engine.Engine;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What benchmarks do with an engine, each a line where it is used. */
public final class StreamTables {
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private StreamTables() {}

  /** Creates and fills a stream table. */
  public static Reply.Created create(
      Engine engine, String name, String query, Map<String, String> settings) {
    Reply reply = engine.execute(new Command.Create(name, query, settings, false));
    return switch (reply) {
      case Reply.Created created -> created;
      case Reply.Done _,
          Reply.Applied _,
          Reply.Refreshed _,
          Reply.Audited _,
          Reply.StatusOf _,
          Reply.Failed _ ->
          throw unexpected("create " + name, reply);
    };
  }

  public static void drop(Engine engine, String name) {
    engine.execute(new Command.Drop(name, true));
  }

  /**
   * Refreshes one stream table; it then shows everything committed before the call.
   *
   * @param mode {@code auto}, {@code incremental}, {@code full}; empty: as configured
   * @throws IllegalStateException if the refresh failed
   */
  public static RefreshReport refresh(Engine engine, String name, Optional<String> mode) {
    Reply reply = engine.execute(new Command.Refresh(List.of(name), mode));
    if (!(reply instanceof Reply.Refreshed(List<RefreshReport> reports)) || reports.size() != 1) {
      throw unexpected("refresh " + name, reply);
    }
    RefreshReport report = reports.getFirst();
    if (report.mode() == RefreshReport.Mode.FAILED) {
      throw new IllegalStateException(
          "refresh of %s failed: %s".formatted(name, report.error().orElse(report.reason())));
    }
    return report;
  }

  /**
   * Waits until the engine has received everything that the log holds now, including what nobody
   * subscribed to.
   *
   * @throws IllegalStateException after five minutes
   */
  public static void awaitDecoded(Engine engine, Connection connection) throws SQLException {
    Lsn target = insertPosition(connection);
    // Something flushed behind the target, so that keepalives go past it even across a page.
    query(connection, "SELECT pg_logical_emit_message(true, 'freshet_bench', 'settle')::text");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (engine.status().receivedLsn().map(Lsn::parse).orElse(Lsn.ZERO).isBefore(target)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "the engine has not received the log up to %s in %d s; its status: %s"
                .formatted(target, PATIENCE.toSeconds(), engine.status().source()));
      }
      pause(Duration.ofMillis(2));
    }
  }

  /** The server's current insert position. */
  public static Lsn insertPosition(Connection connection) throws SQLException {
    return Lsn.parse(query(connection, "SELECT pg_current_wal_insert_lsn()::text"));
  }

  /** The first column of the first row, as text. */
  public static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        throw new IllegalStateException("no row from: " + sql);
      }
      return String.valueOf(row.getString(1));
    }
  }

  /** Sleeps; an interrupt ends the benchmark. */
  public static void pause(Duration duration) {
    try {
      TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static IllegalStateException unexpected(String what, Reply reply) {
    return new IllegalStateException("%s was answered by %s".formatted(what, reply));
  }
}
