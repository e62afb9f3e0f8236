package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.refresh.FrontierMovedException;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Outcome;
import dev.freshet.engine.refresh.Refresher;
import dev.freshet.engine.refresh.Request;
import dev.freshet.engine.refresh.SnapshotTooOldException;
import dev.freshet.engine.refresh.SourcesChangedException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refreshes under the stream table's lock and repeats what is worth repeating: a conflict with
 * another writer of the stream table, a lock that was not granted, a snapshot too old, sources that
 * changed meanwhile. Every attempt is a transaction of its own; a failed one has changed nothing.
 */
final class RefreshService {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshService.class);
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 5;

  private final Refresher refresher;
  private final Recovery recovery;
  private final List<EngineListener> listeners = new CopyOnWriteArrayList<>();

  /** Puts right what a refresh found out of date. */
  interface Recovery {
    /** Analyses and compiles again; the next refresh is full. */
    void sourcesChanged(Maintained table) throws SQLException, InterruptedException;

    /** Reads the frontier again; the next refresh is full. */
    void frontierMoved(Maintained table) throws SQLException;

    /** A refresh failed for good, at least for now. */
    void failed(Maintained table, FreshetException cause);

    void succeeded(Maintained table);
  }

  RefreshService(Refresher refresher, Recovery recovery) {
    this.refresher = refresher;
    this.recovery = recovery;
  }

  void addListener(EngineListener listener) {
    listeners.add(listener);
  }

  /**
   * @throws FreshetException if it still fails after some attempts
   */
  Outcome refresh(Maintained table, Request request) throws InterruptedException {
    table.lock().lockInterruptibly();
    try {
      Outcome outcome = attempts(table, request);
      recovery.succeeded(table);
      announce(outcome.report());
      return outcome;
    } catch (FreshetException e) {
      recovery.failed(table, e);
      RefreshReport report = failure(table, e);
      announce(report);
      throw e;
    } finally {
      table.lock().unlock();
    }
  }

  private Outcome attempts(Maintained table, Request request) throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      String obstacle;
      try {
        if (table.sourcesSuspect()) {
          recovery.sourcesChanged(table);
        }
        return refresher.refresh(table, request);
      } catch (SourcesChangedException | SnapshotTooOldException e) {
        obstacle = String.valueOf(e.getMessage());
      } catch (FrontierMovedException e) {
        obstacle = String.valueOf(e.getMessage());
        reload(table);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || !isWorthRepeating(e)) {
          throw ServerErrors.translate(e, "refresh " + table.displayName());
        }
        obstacle = e.getSQLState() + " " + e.getMessage();
        suspectSources(table, e);
      }
      if (attempt == ATTEMPTS) {
        throw FreshetException.of(
            Kind.BUSY,
            "cannot refresh "
                + table.displayName()
                + " after "
                + attempt
                + " attempts: "
                + obstacle,
            "it is tried again with the next schedule");
      }
      LOG.debug("refresh of {} is repeated: {}", table.displayName(), obstacle);
      TimeUnit.MILLISECONDS.sleep(FIRST_PAUSE_MILLIS << attempt);
    }
  }

  private void reload(Maintained table) {
    try {
      recovery.frontierMoved(table);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "read the frontier of " + table.displayName());
    }
  }

  /** An undefined table, column or function: the definition may have to be analysed again. */
  private static void suspectSources(Maintained table, SQLException e) {
    if (isAboutNames(e)) {
      table.suspectSources();
    }
  }

  private static boolean isAboutNames(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith("42") && !state.equals("42501");
  }

  private static boolean isWorthRepeating(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return switch (state) {
      case "40001", "40P01", "55P03", "08003", "08006", "57P01", "XX000" -> true;
      default -> isAboutNames(e);
    };
  }

  private static RefreshReport failure(Maintained table, FreshetException e) {
    RefreshReport report =
        new RefreshReport(
            table.displayName(),
            RefreshReport.Mode.FAILED,
            "failed",
            0,
            0,
            0,
            Instant.now(),
            0,
            Optional.empty(),
            Map.of(),
            Optional.empty(),
            Optional.of(e.sqlState().map(state -> state + " ").orElse("") + e.getMessage()));
    return report;
  }

  private void announce(RefreshReport report) {
    listeners.forEach(listener -> listener.refreshed(report));
  }
}
