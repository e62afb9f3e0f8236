package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A fresh database with a publication for all tables, a slot, and a change source on it. */
final class CaptureFixture implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final Database database;
  private Connection session;
  final String slot = "cdc_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
  private @Nullable WalChangeSource source;

  CaptureFixture(PostgresServer server, String... setup) throws SQLException {
    database = server.freshDatabase();
    database.execute(setup);
    database.execute(
        "CREATE PUBLICATION freshet FOR ALL TABLES WITH (publish_via_partition_root = true)");
    session = database.connect();
    try (Connection replication = connections().open()) {
      SlotAdmin.create(replication, slot, SlotAdmin.SnapshotUse.NOTHING, false);
    }
  }

  static CaptureFixture on18(String... setup) throws SQLException {
    return new CaptureFixture(SharedServer.of(PgVersion.V18), setup);
  }

  Database database() {
    return database;
  }

  ReplicationConnections connections() {
    return ReplicationConnections.of(database.jdbcUrl(), new Properties());
  }

  WalOptions options() {
    return WalOptions.of(slot, "freshet");
  }

  /** The source, made and started on first use. */
  WalChangeSource source() {
    WalChangeSource open = source;
    return open == null ? start(options()) : open;
  }

  WalChangeSource start(WalOptions options) {
    WalChangeSource opened = new WalChangeSource(connections(), options);
    opened.permitConfirmation(new Lsn(Long.MAX_VALUE));
    opened.start();
    source = opened;
    return opened;
  }

  /** Closes the source; the next use starts another on the same slot. */
  void stopSource() {
    WalChangeSource open = source;
    source = null;
    if (open != null) {
      open.close();
    }
  }

  /** Opens the session anew after the server was restarted. */
  void reconnectSession() throws SQLException {
    session = database.connect();
  }

  void execute(String... statements) throws SQLException {
    database.execute(statements);
  }

  int oid(String table) throws SQLException {
    return (int) Long.parseLong(query("SELECT '" + table + "'::regclass::oid"));
  }

  String query(String sql) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      assertThat(row.next()).isTrue();
      return String.valueOf(row.getString(1));
    }
  }

  Snapshot snapshot() throws SQLException {
    return Snapshot.parse(query("SELECT pg_current_snapshot()::text"));
  }

  Lsn insertLsn() throws SQLException {
    return Lsn.parse(query("SELECT pg_current_wal_insert_lsn()::text"));
  }

  /** A snapshot that the source has caught up with. */
  Snapshot alignedSnapshot() throws SQLException, InterruptedException {
    Snapshot snapshot = snapshot();
    passBarrier();
    return snapshot;
  }

  /** Emits a marker and waits for it. */
  void passBarrier() throws SQLException, InterruptedException {
    String token = UUID.randomUUID().toString();
    if (database.server().version().compareTo(PgVersion.V17) >= 0) {
      query("SELECT pg_logical_emit_message(false, 'freshet', '" + token + "', true)");
    } else {
      query("SELECT pg_logical_emit_message(true, 'freshet', '" + token + "')");
    }
    assertThat(source().awaitBarrier(token, PATIENCE)).as("barrier passed").isTrue();
  }

  /** A consumer filled now: its frontier is a fresh snapshot. */
  DeltaConsumer filledConsumer(DeltaView... views) throws SQLException, InterruptedException {
    DeltaConsumer consumer = source().register("test", Set.of(views), Optional.empty());
    Snapshot fill = alignedSnapshot();
    while (!source().coversAll(consumer, fill)) {
      fill = alignedSnapshot();
    }
    consumer.advance(fill, insertLsn());
    return consumer;
  }

  Delta deltaNow(DeltaConsumer consumer, DeltaView view) throws Exception {
    return consumer.delta(view, alignedSnapshot());
  }

  /** The rows of a delta, each as its values' text joined by │; NULL as ∅. */
  List<String> rows(Delta delta) throws SQLException {
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

  static String utf8(byte @Nullable [] bytes) {
    return bytes == null ? "∅" : new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws SQLException {
    stopSource();
    session.close();
    database.close();
  }
}
