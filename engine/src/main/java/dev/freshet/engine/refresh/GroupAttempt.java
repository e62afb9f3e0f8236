package dev.freshet.engine.refresh;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.refresh.Group.Part;
import dev.freshet.engine.refresh.Group.Result;
import dev.freshet.engine.refresh.GroupOpening.Found;
import dev.freshet.engine.refresh.GroupRefresher.Guest;
import dev.freshet.engine.refresh.GroupRefresher.Patience;
import dev.freshet.sql.AppliedChanges;
import dev.freshet.sql.DeltaNeed;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One transaction of a group: its parts one after the other, each behind a savepoint. */
final class GroupAttempt {
  private static final String SAVEPOINT = "SAVEPOINT freshet_part";
  private static final String ROLLBACK_TO_SAVEPOINT = "ROLLBACK TO " + SAVEPOINT;

  private final Refresher refresher;
  private final Connection connection;
  private final Group group;
  private final Optional<Guest> guest;
  private final Patience patience;
  private final Map<Maintained, Result> results = new LinkedHashMap<>();
  private final Map<Maintained, Instant> finished = new LinkedHashMap<>();
  private final GroupCut opened;
  private final Dependents dependents;
  private final GroupCommit end;

  GroupAttempt(
      Refresher refresher,
      Capture capture,
      Connection connection,
      Group group,
      Optional<Guest> guest,
      Patience patience) {
    this.refresher = refresher;
    this.connection = connection;
    this.group = group;
    this.guest = guest;
    this.patience = patience;
    this.opened = new GroupCut(refresher, capture, connection, group, guest);
    this.dependents = new Dependents(connection, opened);
    this.end = new GroupCommit(connection, capture.origin(), opened, guest);
  }

  Group.Results run() throws SQLException, InterruptedException {
    if (opened.active().isEmpty() && guest.isEmpty()) {
      group.parts().forEach(part -> results.put(part.table(), waiting(part.waiting())));
      return new Group.Results(Collections.unmodifiableMap(results), List.of());
    }
    Cut cut = openWithoutCulprits();
    for (Part part : group.parts()) {
      if (opened.isReplaced(part.table())) {
        fill(cut);
      } else if (!results.containsKey(part.table())) {
        results.put(part.table(), result(part));
      }
    }
    if (guest.isPresent() && guest.get().replaced().isEmpty()) {
      fill(cut);
    }
    end.commitIfWorthIt(cut, results);
    results.replaceAll(this::untilNow);
    return new Group.Results(Collections.unmodifiableMap(results), opened.uncaptured());
  }

  /** A part whose sources cannot be opened fails alone: a table is locked, or gone. */
  private Cut openWithoutCulprits() throws SQLException, InterruptedException {
    try {
      return opened.open();
    } catch (SQLException e) {
      opened.rollbackIfOpen();
      boolean repeats = false;
      for (Part part : opened.active()) {
        repeats |= patience.repeats(part.table(), e);
      }
      if (repeats) {
        throw e;
      }
      opened
          .withdrawCulprits()
          .forEach((table, cause) -> results.put(table, new Result.Failed(cause)));
      if (results.isEmpty() || (opened.active().isEmpty() && guest.isEmpty())) {
        throw e;
      }
      return opened.open();
    }
  }

  private Result result(Part part) throws SQLException {
    Optional<String> waiting = part.waiting().or(() -> leftOut(part));
    if (waiting.isPresent()) {
      return waiting(waiting);
    }
    String begin = timeouts(part.table()) + session(part.table());
    run(SAVEPOINT + begin);
    try {
      long before = dependents.written(part.table());
      Outcome outcome =
          refresher.refresh(
              part.table(),
              part.request(),
              connection,
              membership(part),
              () -> run(ROLLBACK_TO_SAVEPOINT + begin));
      run("RELEASE " + SAVEPOINT);
      finished.put(part.table(), Instant.now());
      dependents.recordChange(part.table(), outcome.report(), before);
      return new Result.Refreshed(outcome);
    } catch (SQLException e) {
      if (patience.repeats(part.table(), e)) {
        throw e;
      }
      return failed(ServerErrors.translate(e, "refresh " + part.table().displayName()));
    } catch (FreshetException e) {
      return failed(e);
    }
  }

  private static Result waiting(Optional<String> reason) {
    return new Result.Waiting(reason.orElseThrow());
  }

  private Result failed(FreshetException cause) throws SQLException {
    run(ROLLBACK_TO_SAVEPOINT);
    return new Result.Failed(cause);
  }

  /** Whether one of the stream tables that it reads did not come along. */
  private Optional<String> leftOut(Part part) {
    for (Maintained upstream : part.upstreams()) {
      switch (results.get(upstream)) {
        case null -> {}
        case Result.Refreshed _, Result.Idle _ -> {}
        case Result.Failed(var cause) -> {
          return Optional.of(
              "waits for %s, whose refresh failed: %s"
                  .formatted(upstream.displayName(), cause.getMessage()));
        }
        case Result.Waiting(String reason) -> {
          return Optional.of(reason);
        }
      }
    }
    return Optional.empty();
  }

  /** Timeouts where any part has its own; a part must not inherit those of the part before it. */
  private String timeouts(Maintained table) {
    return opened.active().stream().allMatch(part -> part.table().timeouts().isEmpty())
        ? ""
        : "; SET LOCAL lock_timeout = %d; SET LOCAL statement_timeout = %d"
            .formatted(
                table.settings().lockTimeout().toMillis(),
                table.settings().statementTimeout().toMillis());
  }

  /** The settings that its query reads, and the time from which it is to be followed. */
  private String session(Maintained table) {
    return table.compiled().opening().pins()
        + (table.followsClock()
            ? opened.foundFor(table).cut().storedClock().map(Clock::local).orElse("")
            : "");
  }

  private Membership membership(Part part) {
    Maintained table = part.table();
    Found mine = opened.foundFor(table);
    List<DeltaNeed> needs = opened.needsOn(table);
    return new Membership(
        mine.cut(),
        opened.catchUpOf(table).or(() -> redefined(part)),
        opened.farBehind(),
        dependents.upstreams(),
        needs.isEmpty() || !mine.capturing()
            ? Optional.empty()
            : Optional.of(AppliedChanges.of(needs.getFirst().source(), needs)));
  }

  private Optional<String> redefined(Part part) {
    return guest
        .flatMap(Guest::replaced)
        .filter(replaced -> part.upstreams().contains(replaced))
        .map(replaced -> replaced.displayName() + " was redefined");
  }

  private void fill(Cut cut) throws SQLException, InterruptedException {
    Guest filled = guest.orElseThrow();
    for (Maintained upstream : filled.upstreams()) {
      if (!(results.get(upstream) instanceof Result.Refreshed)) {
        throw notReady(upstream, Optional.ofNullable(results.get(upstream)));
      }
    }
    filled.work().at(connection, cut);
  }

  private static FreshetException notReady(Maintained upstream, Optional<Result> result) {
    String reason =
        result
            .map(
                found ->
                    switch (found) {
                      case Result.Failed(var cause) -> "failed: " + cause.getMessage();
                      case Result.Waiting(String why) -> why;
                      case Result.Refreshed _, Result.Idle _ -> "";
                    })
            .orElse("it is no stream table any more");
    return FreshetException.of(
        FreshetException.Kind.BUSY,
        "the query reads %s, which cannot be refreshed: %s"
            .formatted(upstream.displayName(), reason),
        "put that right first: freshet status " + upstream.displayName());
  }

  /** A part's changes are fresh for readers when the group commits, not before. */
  private Result untilNow(Maintained table, Result result) {
    if (!(result instanceof Result.Refreshed(Outcome(RefreshReport report, var audit)))) {
      return result;
    }
    double waited =
        Duration.between(finished.getOrDefault(table, Instant.now()), Instant.now()).toNanos()
            / 1e6;
    RefreshReport whole = report.withFreshness(report.freshness().map(f -> f + waited));
    table.remember(whole);
    return new Result.Refreshed(
        new Outcome(whole, audit.map(found -> refresher.auditor().withRefresh(found, whole))));
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  void rollbackIfOpen() throws SQLException {
    opened.rollbackIfOpen();
  }
}
