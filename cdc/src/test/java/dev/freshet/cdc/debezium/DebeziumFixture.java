package dev.freshet.cdc.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.contract.CaptureRig;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.WalOptions;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A fresh database with a publication for all tables, a slot, and Debezium reading it. */
final class DebeziumFixture extends CaptureRig {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final String slot = name();
  private @Nullable DebeziumChangeSource source;

  DebeziumFixture(PostgresServer server, String... setup) throws SQLException {
    super(server, setup);
    execute("CREATE PUBLICATION freshet FOR ALL TABLES WITH (publish_via_partition_root = true)");
    try (Connection replication =
        ReplicationConnections.of(database().jdbcUrl(), new Properties()).open()) {
      SlotAdmin.create(replication, slot, SlotAdmin.SnapshotUse.NOTHING, false);
    }
  }

  static DebeziumFixture on18(String... setup) throws SQLException {
    return new DebeziumFixture(SharedServer.of(PgVersion.V18), setup);
  }

  static DebeziumFixture on15(String... setup) throws SQLException {
    return new DebeziumFixture(SharedServer.of(PgVersion.V15), setup);
  }

  private DebeziumOptions options() {
    Properties driver = new Properties();
    driver.setProperty("user", PostgresServer.SUPERUSER);
    return new DebeziumOptions(
        database().server().host(),
        database().server().port(),
        database().name(),
        database().jdbcUrl(),
        driver,
        new WalOptions(slot, "freshet", Duration.ofMillis(200), Duration.ofSeconds(20), 64 << 20));
  }

  @Override
  public DebeziumChangeSource source() {
    DebeziumChangeSource open = source;
    if (open == null) {
      open = made();
      open.start();
    }
    return open;
  }

  private DebeziumChangeSource made() {
    DebeziumChangeSource made = DebeziumChangeSource.of(options());
    made.permitConfirmation(new Lsn(Long.MAX_VALUE));
    source = made;
    return made;
  }

  @Override
  public DeltaConsumer register(
      String consumer, Set<DeltaView> views, Optional<Snapshot> frontier) {
    DebeziumChangeSource fresh = made();
    DeltaConsumer registered = fresh.register(consumer, views, frontier);
    fresh.start();
    return registered;
  }

  @Override
  public void stopSource() {
    DebeziumChangeSource open = source;
    source = null;
    if (open != null) {
      open.close();
    }
  }

  /** All tables are published. */
  @Override
  public void prepare(Set<DeltaView> views) {}

  @Override
  public Set<String> refusedTypes(String table, List<String> columns) throws SQLException {
    try (Connection connection = database().connect()) {
      return RefusedColumns.of(connection, oid(table), columns).stream()
          .map(RefusedColumns.Refused::type)
          .collect(Collectors.toSet());
    }
  }

  @Override
  public Snapshot alignedSnapshot(Statement statement) throws SQLException, InterruptedException {
    Snapshot snapshot;
    try (ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
      row.next();
      snapshot = Snapshot.parse(row.getString(1));
    }
    String token = UUID.randomUUID().toString();
    boolean flushes = database().server().version().compareTo(PgVersion.V17) >= 0;
    query(
        flushes
            ? "SELECT pg_logical_emit_message(false, 'freshet', '" + token + "', true)"
            : "SELECT pg_logical_emit_message(true, 'freshet', '" + token + "')");
    assertThat(source().awaitBarrier(token, PATIENCE)).as("barrier passed").isTrue();
    return snapshot;
  }

  static DeltaRows sent(Delta delta) {
    assertThat(delta).isInstanceOf(Delta.Rows.class);
    return ((Delta.Rows) delta).rows();
  }
}
