package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.contract.CaptureRig;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.staging.StagingConnections;
import dev.freshet.cdc.staging.StagingOptions;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A fresh database with a publication for all tables, a slot, and a change source on it. */
final class CaptureFixture extends CaptureRig {
  static final Duration PATIENCE = CaptureRig.PATIENCE;

  final String slot = name();
  private @Nullable WalChangeSource source;

  CaptureFixture(PostgresServer server, String... setup) throws SQLException {
    super(server, setup);
    execute("CREATE PUBLICATION freshet FOR ALL TABLES WITH (publish_via_partition_root = true)");
    try (Connection replication = connections().open()) {
      SlotAdmin.create(replication, slot, SlotAdmin.SnapshotUse.NOTHING, false);
    }
  }

  static CaptureFixture on18(String... setup) throws SQLException {
    return new CaptureFixture(SharedServer.of(PgVersion.V18), setup);
  }

  ReplicationConnections connections() {
    return ReplicationConnections.of(database().jdbcUrl(), new Properties());
  }

  WalOptions options() {
    return WalOptions.of(slot, "freshet");
  }

  @Override
  public WalChangeSource source() {
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

  @Override
  public DeltaConsumer register(
      String consumer, Set<DeltaView> views, Optional<Snapshot> frontier) {
    WalChangeSource opened = new WalChangeSource(connections(), options());
    DeltaConsumer registered = opened.register(consumer, views, frontier);
    opened.start();
    source = opened;
    return registered;
  }

  /** Every transaction is staged as soon as it has arrived. */
  static CaptureFixture stagingOn18(String... setup) throws SQLException {
    CaptureFixture capture = on18(setup);
    capture.execute("CREATE SCHEMA freshet");
    WalChangeSource source = capture.staging(1 << 16, StagingFixture::atOnce);
    source.permitConfirmation(new Lsn(Long.MAX_VALUE));
    source.start();
    return capture;
  }

  /**
   * A source, not started and not permitted to confirm, that stages in the database what exceeds
   * {@code memoryBytes}.
   */
  WalChangeSource staging(long memoryBytes, UnaryOperator<StagingOptions> change) {
    WalOptions options =
        new WalOptions(slot, "freshet", Duration.ofMillis(50), Duration.ofSeconds(30), memoryBytes);
    StagingOptions staging =
        change.apply(
            StagingOptions.whereItHelps(
                StagingConnections.of(database().jdbcUrl(), new Properties()), memoryBytes));
    WalChangeSource opened = new WalChangeSource(connections(), options, Optional.of(staging));
    source = opened;
    return opened;
  }

  @Override
  public void stopSource() {
    WalChangeSource open = source;
    source = null;
    if (open != null) {
      open.close();
    }
  }

  /** All tables are published. */
  @Override
  public void prepare(Set<DeltaView> views) {}

  @Override
  public Snapshot alignedSnapshot(Statement statement) throws SQLException, InterruptedException {
    Snapshot snapshot;
    try (ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
      row.next();
      snapshot = Snapshot.parse(row.getString(1));
    }
    passBarrier();
    return snapshot;
  }

  /** Emits a marker and waits for it. */
  void passBarrier() throws SQLException, InterruptedException {
    String token = UUID.randomUUID().toString();
    if (database().server().version().compareTo(PgVersion.V17) >= 0) {
      query("SELECT pg_logical_emit_message(false, 'freshet', '" + token + "', true)");
    } else {
      query("SELECT pg_logical_emit_message(true, 'freshet', '" + token + "')");
    }
    assertThat(source().awaitBarrier(token, PATIENCE)).as("barrier passed").isTrue();
  }

  /** Waits until memory holds nothing and all is staged. */
  void awaitStaged() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(source().bufferedBytes()).isZero();
              assertThat(source().stagedBytes()).isPositive();
            });
  }
}
