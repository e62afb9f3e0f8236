package dev.freshet.cdc.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A fresh database and a change source on it: what a way of capturing implements to be tested. */
public abstract class CaptureRig implements AutoCloseable {
  protected static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final String name =
      "cdc_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
  private final Database database;
  private Connection session;

  protected CaptureRig(PostgresServer server, String... setup) throws SQLException {
    database = server.freshDatabase();
    database.execute(setup);
    session = database.connect();
  }

  /** Makes a rig on PostgreSQL 18. */
  @FunctionalInterface
  public interface Capturing {
    CaptureRig on18(String... setup) throws Exception;
  }

  /** The source, made and started on first use. */
  public abstract ChangeSource source();

  /** Closes the source; the next use starts another where it stood. */
  public abstract void stopSource();

  /** Registers with a source that is started only then, as after a restart of the process. */
  public abstract DeltaConsumer register(
      String consumer, Set<DeltaView> views, Optional<Snapshot> frontier);

  /** Makes the tables of the views deliver their changes. */
  public abstract void prepare(Set<DeltaView> views) throws SQLException, InterruptedException;

  /** Takes a snapshot in the statement's transaction and waits until the source has caught up. */
  public abstract Snapshot alignedSnapshot(Statement statement)
      throws SQLException, InterruptedException;

  /** The types of those columns whose values it would not carry, as PostgreSQL prints them. */
  public Set<String> refusedTypes(String table, List<String> columns) throws SQLException {
    return Set.of();
  }

  public final Database database() {
    return database;
  }

  /** A name that no other test uses on this server. */
  public final String name() {
    return name;
  }

  /** Opens the session anew after the server was restarted. */
  public final void reconnectSession() throws SQLException {
    session = database.connect();
  }

  public final void execute(String... statements) throws SQLException {
    database.execute(statements);
  }

  public final int oid(String table) throws SQLException {
    return (int) Long.parseLong(query("SELECT '" + table + "'::regclass::oid"));
  }

  public final String query(String sql) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return String.valueOf(row.getString(1));
    }
  }

  public final Snapshot snapshot() throws SQLException {
    return Snapshot.parse(query("SELECT pg_current_snapshot()::text"));
  }

  public final Lsn insertLsn() throws SQLException {
    return Lsn.parse(query("SELECT pg_current_wal_insert_lsn()::text"));
  }

  /** A snapshot that the source has caught up with. */
  public final Snapshot alignedSnapshot() throws SQLException, InterruptedException {
    try (Statement statement = session.createStatement()) {
      return alignedSnapshot(statement);
    }
  }

  /** A consumer filled now: its frontier is a fresh snapshot. */
  public final DeltaConsumer filledConsumer(DeltaView... views)
      throws SQLException, InterruptedException {
    prepare(Set.of(views));
    DeltaConsumer consumer = source().register("test", Set.of(views), Optional.empty());
    Snapshot fill = alignedSnapshot();
    while (!source().coversAll(consumer, fill)) {
      fill = alignedSnapshot();
    }
    consumer.advance(fill, insertLsn());
    return consumer;
  }

  public final Delta deltaNow(DeltaConsumer consumer, DeltaView view) throws Exception {
    return consumer.delta(view, alignedSnapshot());
  }

  /** The rows of a delta, each as its values' text joined by │; NULL as ∅. */
  public final List<String> rows(Delta delta) throws SQLException {
    if (delta instanceof Delta.Empty) {
      return List.of();
    }
    assertThat(delta).isInstanceOf(Delta.Rows.class);
    DeltaRows rows = ((Delta.Rows) delta).rows();
    List<String> found = new ArrayList<>();
    List<List<@Nullable String>> columns = new ArrayList<>();
    for (int i = 0; i < rows.columns().size(); i++) {
      columns.add(ArrayParameters.unnest(session, rows, i));
    }
    for (int row = 0; row < rows.rowCount(); row++) {
      List<String> values = new ArrayList<>();
      for (List<@Nullable String> column : columns) {
        String value = column.get(row);
        values.add(value == null ? "∅" : value);
      }
      found.add(String.join("│", values));
    }
    return found;
  }

  public static String utf8(byte @Nullable [] bytes) {
    return bytes == null ? "∅" : new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws SQLException {
    stopSource();
    session.close();
    database.close();
  }
}
