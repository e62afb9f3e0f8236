package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.refresh.AppliedTriggers;
import dev.freshet.engine.refresh.Filler.Company;
import dev.freshet.engine.refresh.FrontierMovedException;
import dev.freshet.engine.refresh.Group;
import dev.freshet.engine.refresh.GroupRefresher;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Request;
import dev.freshet.engine.refresh.SnapshotTooOldException;
import dev.freshet.engine.refresh.SourcesChangedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@link RefreshService} does for one stream table, for those that are connected: locks them
 * all, repeats what is worth repeating, and keeps the state of each true. What fails one of them
 * fails the others only when it is about the transaction as a whole.
 */
final class GraphService {
  private static final Logger LOG = LoggerFactory.getLogger(GraphService.class);

  private final GroupRefresher refresher;
  private final Groups groups;
  private final DataSource connections;
  private final RefreshService.Recovery recovery;
  private final Consumer<RefreshReport> announce;

  GraphService(
      GroupRefresher refresher,
      Groups groups,
      DataSource connections,
      RefreshService.Recovery recovery,
      Consumer<RefreshReport> announce) {
    this.refresher = refresher;
    this.groups = groups;
    this.connections = connections;
    this.recovery = recovery;
    this.announce = announce;
  }

  /** Work that needs stream tables at its own cut. */
  @FunctionalInterface
  interface CompanyWork {
    void with(Company company) throws SQLException, InterruptedException;
  }

  /** What is done with the locks held, once for each attempt. */
  @FunctionalInterface
  private interface Step {
    void run(Groups.Held held, GroupRefresher.Patience patience)
        throws SQLException, InterruptedException;
  }

  /**
   * Refreshes all that is connected with {@code target}; {@code request} is about those of them
   * that are among {@code targets}. If it fails as a whole, all of those have failed.
   */
  Map<Maintained, Group.Result> refresh(
      Maintained target, Collection<Maintained> targets, Request request)
      throws InterruptedException {
    Map<Maintained, Group.Result> results = new LinkedHashMap<>();
    try {
      repeatedly(
          "refresh " + target.displayName(),
          List.of(target),
          (held, patience) -> {
            groups.requireMaintained(target);
            Group group = groups.group(held, Set.copyOf(targets), request);
            if (request.mustSee() || Groups.hasWork(group)) {
              Group.Results done = refresher.refresh(group, patience);
              settle(done);
              results.putAll(done.byTable());
            } else {
              held.members().forEach(table -> results.put(table, new Group.Result.Idle()));
            }
          });
    } catch (FreshetException e) {
      if (groups.isMaintained(target)) {
        recovery.failed(target, e);
        announce.accept(RefreshService.failure(target, e));
      }
      results.put(target, new Group.Result.Failed(e));
    }
    return results;
  }

  void inCompany(List<Maintained> upstreams, Optional<Maintained> replaced, CompanyWork work)
      throws InterruptedException {
    List<Maintained> seeds = new ArrayList<>(upstreams);
    replaced.ifPresent(seeds::add);
    repeatedly(
        "refresh what the query reads",
        seeds,
        (held, patience) ->
            work.with(
                new Company(
                    refresher,
                    groups.group(held, Set.of(), Request.scheduled()),
                    upstreams,
                    replaced,
                    patience,
                    this::settle)));
  }

  private void repeatedly(String doing, Collection<Maintained> seeds, Step step)
      throws InterruptedException {
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt == RefreshService.ATTEMPTS;
      String obstacle;
      try (Groups.Held held = groups.lock(seeds)) {
        if (prepared(held)) {
          obstacle = attempt(held, step, last);
          if (obstacle.isEmpty()) {
            return;
          }
        } else {
          obstacle = "a source was altered";
        }
      } catch (SQLException e) {
        throw ServerErrors.translate(e, doing);
      }
      if (last) {
        throw FreshetException.of(
            Kind.BUSY,
            "cannot %s after %d attempts: %s".formatted(doing, attempt, obstacle),
            "it is tried again with the next schedule");
      }
      LOG.debug("{} is repeated: {}", doing, obstacle);
      TimeUnit.MILLISECONDS.sleep(RefreshService.FIRST_PAUSE_MILLIS << attempt);
    }
  }

  /** What stood in the way; empty if it was done. */
  private String attempt(Groups.Held held, Step step, boolean last)
      throws SQLException, InterruptedException {
    try {
      step.run(held, (table, cause) -> isRepeated(table, cause, last));
      return "";
    } catch (SourcesChangedException | SnapshotTooOldException e) {
      return String.valueOf(e.getMessage());
    } catch (FrontierMovedException e) {
      recovery.frontierMoved(e.table());
      return String.valueOf(e.getMessage());
    } catch (SQLException e) {
      if (last || !RefreshService.isWorthRepeating(e)) {
        throw e;
      }
      return e.getSQLState() + " " + e.getMessage();
    }
  }

  private static boolean isRepeated(Maintained table, SQLException cause, boolean last) {
    if (last || !RefreshService.isWorthRepeating(cause)) {
      return false;
    }
    RefreshService.suspectSources(table, cause);
    return true;
  }

  /**
   * Compiles again what may not be what it was, and takes up again what waited. False if that
   * changed who is connected with whom, or failed one of them: then look again.
   */
  private boolean prepared(Groups.Held held) throws SQLException, InterruptedException {
    boolean same = true;
    for (Maintained table : held.members()) {
      try {
        if (table.sourcesSuspect()) {
          recovery.sourcesChanged(table);
          same = false;
        } else if (table.isSuspended()
            && held.graph().waiting(table.table().name(), Set.of()).isEmpty()) {
          recovery.awaken(table);
        }
      } catch (FreshetException e) {
        recovery.failed(table, e);
        announce.accept(RefreshService.failure(table, e));
        same = false;
      }
    }
    return same;
  }

  private void settle(Group.Results results) {
    results
        .byTable()
        .forEach(
            (table, result) -> {
              table.waiting(
                  result instanceof Group.Result.Waiting(String reason)
                      ? Optional.of(reason)
                      : Optional.empty());
              switch (result) {
                case Group.Result.Refreshed(var outcome) -> {
                  recovery.succeeded(table);
                  announce.accept(outcome.report());
                }
                case Group.Result.Failed(FreshetException cause) -> {
                  recovery.failed(table, cause);
                  announce.accept(RefreshService.failure(table, cause));
                }
                case Group.Result.Waiting _, Group.Result.Idle _ -> {}
              }
            });
    results.uncaptured().forEach(this::installTriggers);
  }

  /** Somebody took them away, or made the table anew. */
  private void installTriggers(Maintained table) {
    try (Connection connection = connections.getConnection()) {
      AppliedTriggers.install(connection, table.table().name());
    } catch (SQLException e) {
      LOG.warn(
          "what reads {} is refreshed in full, its triggers cannot be created: {}",
          table.displayName(),
          e.getMessage());
    }
  }
}
