package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.refresh.FrontierMovedException;
import dev.freshet.engine.refresh.Group;
import dev.freshet.engine.refresh.GroupRefresher;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Outcome;
import dev.freshet.engine.refresh.Refresher;
import dev.freshet.engine.refresh.Request;
import dev.freshet.engine.refresh.SnapshotTooOldException;
import dev.freshet.engine.refresh.SourcesChangedException;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refreshes under the stream table's lock and repeats what is worth repeating: a conflict with
 * another writer of the stream table, a lock that was not granted, a snapshot too old, sources that
 * changed meanwhile. Every attempt is a transaction of its own; a failed one has changed nothing.
 */
final class RefreshService {
  private static final Logger LOG = LoggerFactory.getLogger(RefreshService.class);
  static final int ATTEMPTS = 5;
  static final long FIRST_PAUSE_MILLIS = 5;

  private final Refresher refresher;
  private final StreamTables tables;
  private final Groups groups;
  private final GraphService together;
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

    /** What it waited for is there again: its changes are to be kept again. */
    void awaken(Maintained table) throws SQLException;

    void succeeded(Maintained table);
  }

  RefreshService(
      Refresher refresher,
      GroupRefresher groupRefresher,
      StreamTables tables,
      DataSource connections,
      Recovery recovery) {
    this.refresher = refresher;
    this.tables = tables;
    this.recovery = recovery;
    this.groups = new Groups(tables);
    this.together = new GraphService(groupRefresher, groups, connections, recovery, this::announce);
  }

  void addListener(EngineListener listener) {
    listeners.add(listener);
  }

  /**
   * Refreshes a stream table, and in the same transaction all that it is connected with.
   *
   * @throws FreshetException if it still fails after some attempts, or has to wait
   */
  Outcome refresh(Maintained table, Request request) throws InterruptedException {
    return outcome(table, refreshAll(List.of(table), request).get(table));
  }

  /** A scheduled refresh, which may find that another has done the work already. */
  void tick(Maintained table) throws InterruptedException {
    if (!groups.hasChanges(table) && !isAnyDue(groups.followingClock(table))) {
      return;
    }
    Group.Result result = refreshAll(List.of(table), Request.scheduled()).get(table);
    if (!(result instanceof Group.Result.Idle || result instanceof Group.Result.Waiting)) {
      outcome(table, result);
    }
  }

  /** One query each; whoever cannot be asked is refreshed, and fails as a refresh does. */
  private boolean isAnyDue(List<Maintained> followers) {
    for (Maintained table : followers) {
      try {
        if (refresher.isDue(table)) {
          return true;
        }
      } catch (SQLException e) {
        LOG.debug("cannot ask whether {} is due: {}", table.displayName(), e.getMessage());
        return true;
      }
    }
    return false;
  }

  static Outcome outcome(Maintained table, Group.@Nullable Result result) {
    return switch (result) {
      case Group.Result.Refreshed(Outcome outcome) -> outcome;
      case Group.Result.Failed(FreshetException cause) -> throw cause;
      case Group.Result.Waiting(String reason) ->
          throw FreshetException.of(
              Kind.BUSY,
              table.displayName() + " is not refreshed: it " + reason,
              "freshet status shows the state of the other");
      case Group.Result.Idle _ ->
          throw new IllegalStateException(table.displayName() + " was asked for and not refreshed");
      case null -> throw StreamTables.unknown(table.table().name());
    };
  }

  /**
   * Refreshes stream tables, those that are connected in one transaction.
   *
   * @return what became of the targets and of all that moved with them, in the order of refreshing
   */
  Map<Maintained, Group.Result> refreshAll(List<Maintained> targets, Request request)
      throws InterruptedException {
    Map<Maintained, Group.Result> results = new LinkedHashMap<>();
    for (Maintained target : targets) {
      if (results.containsKey(target)) {
        continue;
      }
      Optional<Outcome> alone = Optional.empty();
      try {
        alone = alone(target, request);
      } catch (FreshetException e) {
        results.put(target, new Group.Result.Failed(e));
        continue;
      }
      if (alone.isPresent()) {
        results.put(target, new Group.Result.Refreshed(alone.get()));
      } else {
        results.putAll(together.refresh(target, targets, request));
      }
    }
    return results;
  }

  /** Has other work done at a cut to which {@code upstreams} and their graph are refreshed. */
  void inCompany(
      List<Maintained> upstreams, Optional<Maintained> replaced, GraphService.CompanyWork work)
      throws SQLException, InterruptedException {
    together.inCompany(upstreams, replaced, work);
  }

  /** Empty if it is not alone: then it has not been refreshed. */
  private Optional<Outcome> alone(Maintained table, Request request) throws InterruptedException {
    if (!tables.graph().isAlone(table)) {
      return Optional.empty();
    }
    table.lock().lockInterruptibly();
    try {
      if (!tables.isMaintained(table)) {
        throw StreamTables.unknown(table.table().name());
      }
      if (!tables.graph().isAlone(table)) {
        return Optional.empty();
      }
      Outcome outcome = attempts(table, request);
      recovery.succeeded(table);
      announce(outcome.report());
      return Optional.of(outcome);
    } catch (FreshetException e) {
      if (tables.isMaintained(table)) {
        recovery.failed(table, e);
        announce(failure(table, e));
      }
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

  /**
   * An undefined table, column or function, or a missing privilege: analysing the definition again
   * tells more. Two rows with one key, or a row that is there twice to MERGE: the key may be one no
   * longer.
   */
  static void suspectSources(Maintained table, SQLException e) {
    if (isAboutNames(e)) {
      table.suspectSources();
    } else if (isAboutKeys(e)) {
      table.suspectIdentity();
    }
  }

  private static boolean isAboutNames(SQLException e) {
    return String.valueOf(e.getSQLState()).startsWith("42");
  }

  private static boolean isAboutKeys(SQLException e) {
    return "23505".equals(e.getSQLState()) || "21000".equals(e.getSQLState());
  }

  static boolean isWorthRepeating(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return switch (state) {
      case "40001", "40P01", "55P03", "08003", "08006", "57P01", "XX000" -> true;
      default -> isAboutNames(e) || isAboutKeys(e);
    };
  }

  static RefreshReport failure(Maintained table, FreshetException e) {
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
