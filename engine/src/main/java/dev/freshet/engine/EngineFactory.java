package dev.freshet.engine;

import com.zaxxer.hikari.HikariDataSource;
import dev.freshet.cdc.wal.CaptureException;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.AttachedEngine.Surroundings;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.refresh.Alignment;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.GroupRefresher;
import dev.freshet.engine.refresh.Refresher;
import dev.freshet.sql.FreshetCompiler;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Assembles an engine: what depends on what stands here and nowhere else. */
final class EngineFactory {
  private static final int MINIMUM_VERSION = 15;

  private static final Logger LOG = LoggerFactory.getLogger(EngineFactory.class);

  private EngineFactory() {}

  static Engine open(FreshetConfig config) {
    return open(config, Alignment.BY_SNAPSHOT);
  }

  static Engine open(FreshetConfig config, Alignment alignment) {
    return SupervisedEngine.open(config, attacher(config, alignment));
  }

  static Engine standBy(FreshetConfig config) {
    return SupervisedEngine.standBy(config, attacher(config, Alignment.BY_SNAPSHOT));
  }

  private static SupervisedEngine.Attacher attacher(FreshetConfig given, Alignment alignment) {
    GivenUp givenUp = new GivenUp();
    return (epoch, surroundings, tracked) -> {
      CaptureDecision decision = decide(given);
      FreshetConfig config = decision.config();
      UnusedKeys.of(config).forEach(LOG::warn);
      try {
        new Handover(
                config,
                before ->
                    assemble(
                        before,
                        Optional.of(config),
                        alignment,
                        epoch,
                        surroundings,
                        new TrackedConnections(),
                        givenUp))
            .run();
        Attachment attachment =
            assemble(config, Optional.empty(), alignment, epoch, surroundings, tracked, givenUp);
        givenUp.clear();
        return attachment.because(decision);
      } catch (SQLException e) {
        throw ServerErrors.translate(e, "attach to database " + config.database().name());
      } catch (CaptureException e) {
        if (e.isSlotSpent()) {
          givenUp.spend(e.problem());
        }
        throw FreshetException.of(Kind.SERVER_NOT_READY, e.problem(), e.remedy(), e);
      }
    };
  }

  private static CaptureDecision decide(FreshetConfig given) {
    try (Connection connection = Connections.open(given.database())) {
      CaptureDecision.settle(given, connection);
      return CaptureDecision.of(given, connection);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "find out how changes are to be captured");
    }
  }

  /**
   * @param next another way of capturing that is installed beside, to be handed over to
   */
  private static Attachment assemble(
      FreshetConfig config,
      Optional<FreshetConfig> next,
      Alignment alignment,
      long epoch,
      Surroundings surroundings,
      TrackedConnections tracked,
      GivenUp givenUp)
      throws SQLException {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    try {
      Attachment attachment =
          assemble(config, next, alignment, epoch, surroundings, tracked, givenUp, opened);
      opened.clear();
      return attachment;
    } finally {
      opened.forEach(EngineFactory::closeQuietly);
    }
  }

  /**
   * @param route which of its connections go where
   * @param verdict what was found of the slot
   * @param invalidated how many stream tables that concerned
   * @param refilled how many of them are refilled
   * @param decision why it captures changes as it does; empty for a predecessor that hands over
   */
  record Attachment(
      AttachedEngine engine,
      Route route,
      SlotVerdict verdict,
      int invalidated,
      int refilled,
      Optional<CaptureDecision> decision) {
    Attachment because(CaptureDecision known) {
      return new Attachment(engine, route, verdict, invalidated, refilled, Optional.of(known));
    }
  }

  private static void closeQuietly(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      LOG.debug("closing after a failed start: {}", e.getMessage());
    }
  }

  private static Attachment assemble(
      FreshetConfig config,
      Optional<FreshetConfig> next,
      Alignment alignment,
      long epoch,
      Surroundings surroundings,
      TrackedConnections tracked,
      GivenUp givenUp,
      Deque<AutoCloseable> opened)
      throws SQLException {
    checkServer(config);
    Route route = Route.find(config);
    HikariDataSource pool = Connections.pool(config, route, epoch, tracked);
    opened.push(pool);
    Catalog catalog = new Catalog(Json.mapper());
    CaptureMode mode = ChangeSources.open(config, pool, catalog, tracked, givenUp);
    opened.push(mode.source());
    SourcePreparation preparation = mode.preparation();
    if (next.isPresent()) {
      preparation =
          new Handover.Both(preparation, ChangeSources.introduce(next.get(), pool, catalog));
    } else {
      try (Connection connection = pool.getConnection()) {
        givenUp.add(
            Handover.invalidateOthers(connection, mode),
            "changes are captured by %s from now on, and what captured them before is gone"
                .formatted(mode.mode().text()));
      }
    }
    Filler filler =
        new Filler(pool, mode.source(), catalog, mode.capture(), config.engine().historySize());
    TableLifecycle lifecycle =
        TableLifecycle.of(
            config, pool, catalog, new QueryAnalyzer(new FreshetCompiler()), preparation, filler);
    Refresher refresher = new Refresher(pool, mode.source(), mode.capture(), alignment);
    AttachedEngine engine =
        new AttachedEngine(
            config,
            pool,
            tracked,
            catalog,
            surroundings,
            mode,
            lifecycle,
            refresher,
            new GroupRefresher(pool, refresher, mode.capture()));
    opened.push(engine::abandon);
    CaptureMode.Continuity continuity = givenUp.since(mode.continuity().verdict());
    int refilled = engine.attach(continuity.invalidated());
    return new Attachment(
        engine,
        route,
        continuity.verdict(),
        continuity.invalidated().size(),
        refilled,
        Optional.empty());
  }

  private static void checkServer(FreshetConfig config) throws SQLException {
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
    }
  }
}
