package dev.freshet.cdc.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.contract.CaptureRig;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A fresh database with a change source on triggers, which are installed when views need them. */
final class TriggerRig extends CaptureRig {
  private static final Duration LOCK_TIMEOUT = Duration.ofMillis(500);

  private @Nullable TriggerChangeSource source;

  TriggerRig(PostgresServer server, String... setup) throws SQLException {
    super(server, setup);
    execute("CREATE SCHEMA freshet");
  }

  static TriggerRig on18(String... setup) throws SQLException {
    return new TriggerRig(SharedServer.of(PgVersion.V18), setup);
  }

  @Override
  public TriggerChangeSource source() {
    TriggerChangeSource open = source;
    return open == null ? start(TriggerOptions.of(Duration.ofMillis(5), 256 << 20)) : open;
  }

  TriggerChangeSource start(TriggerOptions options) {
    TriggerChangeSource opened = new TriggerChangeSource(database()::connect, options);
    opened.start();
    source = opened;
    return opened;
  }

  @Override
  public DeltaConsumer register(
      String consumer, Set<DeltaView> views, Optional<Snapshot> frontier) {
    TriggerChangeSource opened =
        new TriggerChangeSource(
            database()::connect, TriggerOptions.of(Duration.ofMillis(5), 256 << 20));
    DeltaConsumer registered = opened.register(consumer, views, frontier);
    opened.start();
    source = opened;
    return registered;
  }

  @Override
  public void stopSource() {
    TriggerChangeSource open = source;
    source = null;
    if (open != null) {
      open.close();
    }
  }

  @Override
  public void prepare(Set<DeltaView> views) throws SQLException, InterruptedException {
    try (Connection connection = database().connect()) {
      TriggerAdmin admin = new TriggerAdmin(connection);
      for (DeltaView view : views) {
        Set<String> columns = TriggerAdmin.columns(view);
        assertThat(admin.install(view.relation(), columns, LOCK_TIMEOUT, 20))
            .isNotInstanceOf(TriggerAdmin.Outcome.Locked.class);
        assertThat(admin.await(view.relation(), PATIENCE)).isEqualTo(Optional.empty());
      }
    }
  }

  @Override
  public Snapshot alignedSnapshot(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT pg_current_snapshot()::text")) {
      row.next();
      return Snapshot.parse(row.getString(1));
    }
  }
}
