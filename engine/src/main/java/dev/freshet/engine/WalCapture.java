package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.server.PublicationAdmin;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.WalChangeSource;
import dev.freshet.cdc.wal.WalOptions;
import dev.freshet.config.CdcConfig;
import dev.freshet.config.CdcMode;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.LogCapture;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The log, decoded by pgoutput: a slot, a publication, replica identities. Read by this process or
 * by Debezium, which makes no other difference than what {@link DebeziumCapture} holds.
 */
final class WalCapture implements CaptureMode {
  private static final Duration SLOT_WAIT = Duration.ofSeconds(30);

  /** The first version whose {@code pg_logical_emit_message} can flush. */
  private static final int FLUSHING_VERSION = 17;

  private final CdcConfig cdc;
  private final DataSource pool;
  private final ChangeSource source;
  private final SourcePreparation preparation;
  private final LogCapture capture;
  private final SlotGuard.Secured secured;

  private WalCapture(
      FreshetConfig config,
      DataSource pool,
      ChangeSource source,
      LogCapture capture,
      SlotGuard.Secured secured) {
    this.cdc = config.cdc();
    this.pool = pool;
    this.source = source;
    SourcePreparation managed = new ManagedSources(config, pool, capture);
    this.preparation =
        cdc.mode() == CdcMode.DEBEZIUM ? new LosslessSources(managed, pool) : managed;
    this.capture = capture;
    this.secured = secured;
  }

  /** Makes sure of the slot first: if it lost changes, every frontier is marked invalid. */
  static WalCapture open(
      FreshetConfig config,
      DataSource pool,
      Catalog catalog,
      TrackedConnections tracked,
      GivenUp givenUp)
      throws SQLException {
    CdcConfig cdc = config.cdc();
    ReplicationConnections replication = tracked.track(replication(config));
    SlotGuard.Secured secured;
    int version;
    try (Connection connection = pool.getConnection()) {
      version = connection.getMetaData().getDatabaseMajorVersion();
      LogCapture capture = capture(config, version);
      PublicationGuard guard = new PublicationGuard(config);
      if (guard.secure(connection, () -> guard.allSources(connection, catalog, capture))) {
        givenUp.spend("publication " + cdc.publicationName() + " was missing");
      }
      secured = new SlotGuard(cdc, catalog, replication, givenUp).secure(connection);
    }
    WalOptions options =
        new WalOptions(
            cdc.slotName(),
            cdc.publicationName(),
            cdc.statusInterval(),
            SLOT_WAIT,
            BufferLimits.memoryBytes(cdc.buffer()));
    ChangeSource source =
        cdc.mode() == CdcMode.DEBEZIUM
            ? DebeziumCapture.source(config.database().forSessions(), options)
            : new WalChangeSource(replication, options, Optional.of(BufferLimits.staging(config)));
    source.addListener(
        ChangeSource.onState(
            state -> {
              if (state instanceof ChangeSource.State.Failed failed && failed.slotIsSpent()) {
                givenUp.spend(failed.cause());
              }
            }));
    return new WalCapture(config, pool, source, capture(config, version), secured);
  }

  /** Makes publication and slot beside a capture by triggers; sources are prepared next. */
  static SourcePreparation introduce(FreshetConfig config, DataSource pool, Catalog catalog)
      throws SQLException {
    CdcConfig cdc = config.cdc();
    try (Connection connection = pool.getConnection()) {
      PublicationAdmin publication = new PublicationAdmin(connection, cdc.publicationName());
      if (publication.describe().isEmpty() && cdc.managePublication()) {
        publication.create(List.of());
      }
      new SlotGuard(cdc, catalog, replication(config), new GivenUp()).introduce(connection);
      return new ManagedSources(
          config, pool, capture(config, connection.getMetaData().getDatabaseMajorVersion()));
    }
  }

  private static ReplicationConnections replication(FreshetConfig config) {
    DatabaseConfig database = config.database().forSessions();
    return ReplicationConnections.of(database.jdbcUrl(), database.driverProperties());
  }

  /** What refreshes must know of it, on a server of that major version. */
  static LogCapture capture(FreshetConfig config, int version) {
    return new LogCapture(
        config.cdc().publicationName(), config.cdc().slotName(), version >= FLUSHING_VERSION);
  }

  @Override
  public CdcMode mode() {
    return cdc.mode();
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

  @Override
  public Continuity continuity() {
    return secured.continuity();
  }

  @Override
  public Upkeep upkeep(Frontiers frontiers) {
    return new ConfirmationLimit(source, pool, cdc.slotName(), frontiers, secured.limit());
  }

  @Override
  public long retainedBytes() {
    try (Connection connection = pool.getConnection()) {
      return SlotAdmin.describe(connection, cdc.slotName()).stream()
          .mapToLong(slot -> slot.retainedBytes().orElse(0))
          .sum();
    } catch (SQLException e) {
      return 0;
    }
  }
}
