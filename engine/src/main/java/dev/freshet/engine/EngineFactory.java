package dev.freshet.engine;

import com.zaxxer.hikari.HikariDataSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.wal.CaptureException;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.cdc.wal.WalChangeSource;
import dev.freshet.cdc.wal.WalOptions;
import dev.freshet.config.CdcConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.control.CommandQueue;
import dev.freshet.engine.refresh.Alignment;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.GroupRefresher;
import dev.freshet.engine.refresh.Refresher;
import dev.freshet.sql.FreshetCompiler;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** Assembles an engine: what depends on what stands here and nowhere else. */
final class EngineFactory {
  private static final int MINIMUM_VERSION = 15;

  /** The first version whose {@code pg_logical_emit_message} can flush. */
  private static final int FLUSHING_VERSION = 17;

  private static final Duration SLOT_WAIT = Duration.ofSeconds(30);

  private EngineFactory() {}

  static Engine open(FreshetConfig config) {
    return open(config, Alignment.BY_SNAPSHOT);
  }

  static Engine open(FreshetConfig config, Alignment alignment) {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      Engine engine = assemble(config, alignment, opened);
      opened.clear();
      return engine;
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "attach to database " + config.database().name());
    } catch (CaptureException e) {
      throw FreshetException.of(Kind.SERVER_NOT_READY, e.problem(), e.remedy(), e);
    } finally {
      opened.forEach(EngineFactory::closeQuietly);
    }
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      org.slf4j.LoggerFactory.getLogger(EngineFactory.class)
          .debug("closing after a failed start: {}", e.getMessage());
    }
  }

  private static Engine assemble(
      FreshetConfig config, Alignment alignment, Deque<AutoCloseable> opened) throws SQLException {
    CdcConfig cdc = config.cdc();
    int version = checkServer(config);
    boolean emitsFlushed = version >= FLUSHING_VERSION;
    HikariDataSource pool = Connections.pool(config);
    opened.push(pool);
    CommandQueue queue = new CommandQueue(Json.mapper());
    CommandServer server = new CommandServer(config.database(), pool, queue);
    opened.push(server);
    Catalog catalog = new Catalog(Json.mapper());
    ReplicationConnections replication =
        ReplicationConnections.of(
            config.database().jdbcUrl(), config.database().driverProperties());
    SourcePreparation preparation = new ManagedSources(config, pool);
    Lsn limit;
    try (Connection connection = pool.getConnection()) {
      limit = new SlotGuard(cdc, catalog, replication).secure(connection);
    }
    WalChangeSource source =
        new WalChangeSource(
            replication,
            new WalOptions(
                cdc.slotName(),
                cdc.publicationName(),
                cdc.statusInterval(),
                SLOT_WAIT,
                cdc.buffer().maxMemory().bytes()));
    opened.push(source);
    Capture capture = new Capture(cdc.publicationName(), cdc.slotName(), emitsFlushed);
    Filler filler = new Filler(pool, source, catalog, capture, config.engine().historySize());
    TableLifecycle lifecycle =
        TableLifecycle.of(
            config, pool, catalog, new QueryAnalyzer(new FreshetCompiler()), preparation, filler);
    ConfirmationLimit confirmation =
        new ConfirmationLimit(
            source, pool, cdc.slotName(), lifecycle.frontiers()::allAreStored, limit);
    Refresher refresher = new Refresher(pool, source, emitsFlushed, cdc.slotName(), alignment);
    AttachedEngine engine =
        new AttachedEngine(
            config,
            pool,
            catalog,
            server,
            source,
            confirmation,
            lifecycle,
            refresher,
            new GroupRefresher(pool, refresher, capture));
    engine.attach();
    return engine;
  }

  private static int checkServer(FreshetConfig config) throws SQLException {
    try (Connection connection = Connections.open(config.database())) {
      int version = connection.getMetaData().getDatabaseMajorVersion();
      if (version < MINIMUM_VERSION) {
        throw FreshetException.of(
            Kind.SERVER_NOT_READY,
            "the server is PostgreSQL %d; Freshet needs %d or later (MERGE)"
                .formatted(version, MINIMUM_VERSION),
            "upgrade the server");
      }
      if (!CatalogSchema.isInstalled(connection)) {
        throw FreshetException.of(
            Kind.NOT_INITIALISED,
            "Freshet is not set up in database " + config.database().name(),
            "run: freshet init");
      }
      CatalogSchema.upgrade(connection);
      return version;
    }
  }
}
