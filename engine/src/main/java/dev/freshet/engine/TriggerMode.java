package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.cdc.trigger.TriggerChangeSource;
import dev.freshet.cdc.trigger.TriggerOptions;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.TriggerCapture;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Triggers and their buffers: no slot, no publication, no replica identity. */
final class TriggerMode implements CaptureMode {
  private final DataSource pool;
  private final TriggerChangeSource source;
  private final SourcePreparation preparation;
  private final Capture capture = new TriggerCapture();

  private TriggerMode(FreshetConfig config, DataSource pool, TriggerChangeSource source) {
    this.pool = pool;
    this.source = source;
    this.preparation = new ManagedTriggers(config.cdc(), pool, capture);
  }

  static TriggerMode open(FreshetConfig config, DataSource pool) {
    return new TriggerMode(
        config,
        pool,
        new TriggerChangeSource(
            () -> Connections.reopenSession(config.database()),
            TriggerOptions.of(
                config.cdc().pollInterval(), config.cdc().buffer().maxMemory().bytes())));
  }

  @Override
  public CdcMode mode() {
    return CdcMode.TRIGGER;
  }

  @Override
  public ChangeSource source() {
    return source;
  }

  @Override
  public SourcePreparation preparation() {
    return preparation;
  }

  @Override
  public Capture capture() {
    return capture;
  }

  /** A crash may have undone frontiers: those in memory are compared before anything is dropped. */
  @Override
  public Upkeep upkeep(Frontiers frontiers) {
    return new Upkeep() {
      private long verified = -1;

      @Override
      public void connected() {}

      @Override
      public void tick() throws SQLException, InterruptedException {
        long connection = source.connection();
        if (connection != verified && frontiers.areStored()) {
          verified = connection;
          source.permitForgetting(connection);
        }
      }

      @Override
      public void finish() {}
    };
  }

  @Override
  public long retainedBytes() {
    try (Connection connection = pool.getConnection()) {
      return TriggerAdmin.bytes(connection);
    } catch (SQLException e) {
      return 0;
    }
  }
}
