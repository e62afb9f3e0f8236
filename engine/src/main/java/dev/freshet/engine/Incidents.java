package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.EngineFactory.Attachment;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.control.Incident;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What had to be healed: told in the log, remembered in the catalog, counted. */
final class Incidents {
  private static final Logger LOG = LoggerFactory.getLogger(Incidents.class);

  private final FreshetConfig config;
  private final Catalog catalog;
  private final LossPacing losses = new LossPacing();
  private volatile Optional<Incident> last = Optional.empty();

  Incidents(FreshetConfig config, Catalog catalog) {
    this.config = config;
    this.catalog = catalog;
  }

  Optional<Incident> last() {
    return last;
  }

  /** How long to wait before the slot may be made again. */
  Duration pause(Instant now) {
    return losses.pause(now);
  }

  int recentLosses(Instant now) {
    return losses.recent(now);
  }

  /**
   * An engine was attached.
   *
   * @param cause why it attached anew; empty if it was started
   */
  void report(Optional<String> cause, Attachment attached) {
    boolean lost = attached.invalidated() > 0;
    Optional<String> found =
        switch (attached.verdict()) {
          case SlotVerdict.Intact _ -> cause;
          case SlotVerdict.FailedOver(String what) -> Optional.of(what);
          case SlotVerdict.Lost(String reason) ->
              lost ? Optional.of(reason) : cause.map(_ -> reason);
        };
    if (lost) {
      losses.lost(Instant.now());
    }
    if (found.isPresent()) {
      tell(
          new Incident(
              Instant.now(),
              found.get(),
              lost
                  ? "%d of %d stream tables are refilled"
                      .formatted(attached.refilled(), attached.engine().streamTables())
                  : "no stream table has to be refilled"));
    } else {
      recall();
    }
  }

  private void tell(Incident incident) {
    LOG.warn("{}: {}", incident.cause(), incident.outcome());
    last = Optional.of(incident);
    try (Connection connection = Connections.open(config.database())) {
      catalog.noteIncident(connection, incident);
    } catch (SQLException | FreshetException e) {
      LOG.debug("cannot store the incident: {}", e.getMessage());
    }
  }

  private void recall() {
    try (Connection connection = Connections.open(config.database())) {
      last = catalog.lastIncident(connection);
    } catch (SQLException | FreshetException e) {
      LOG.debug("cannot read the last incident: {}", e.getMessage());
    }
  }
}
