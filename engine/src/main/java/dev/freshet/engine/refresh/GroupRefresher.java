package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.config.CommitMode;
import dev.freshet.config.RefreshMode;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.refresh.Group.Part;
import dev.freshet.engine.refresh.Group.Result;
import dev.freshet.engine.refresh.GroupOpening.Found;
import dev.freshet.engine.refresh.GroupOpening.Participant;
import dev.freshet.engine.refresh.Opening.Marker;
import dev.freshet.sql.AppliedChanges;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Refreshes stream tables that read each other in one transaction, level by level.
 *
 * <pre>
 * 1  BEGIN; LOCK all sources; S := snapshot; L := insert LSN; marker        (one round trip)
 * 2  wait for the marker
 * 3  for each stream table, after those that it reads:
 *      SAVEPOINT; Δ of tables from the log, Δ of stream tables from what step 3 did to them;
 *      apply ΔQ; an error rolls back to the savepoint, and who reads this table is left out
 * 4  F := S for all that were refreshed; COMMIT                              (one round trip)
 * </pre>
 *
 * <p>Law: among those that take part, no reader sees two at different cuts. And a stream table's
 * frontier equals that of a stream table that it reads exactly if it has seen all that was done to
 * it: whoever is found elsewhere is refreshed in full, by differences. So nothing has to be
 * remembered of who was left out when, in this process or an earlier one.
 *
 * <p>Called with the locks of all parts held. A refresh that throws has changed nothing.
 */
public final class GroupRefresher {
  private static final String SAVEPOINT = "SAVEPOINT freshet_part";

  /** Rows of a table that this session wrote, as far as it has not told the server yet. */
  private static final String WRITTEN =
      """
      SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)
      FROM pg_stat_xact_user_tables WHERE relid = to_regclass(?)\
      """;

  /** Says of an error whether the whole transaction shall be tried again. */
  @FunctionalInterface
  public interface Patience {
    boolean repeats(Maintained table, SQLException cause);
  }

  /**
   * Something else that is done at the group's cut: a table that is filled.
   *
   * @param opening of the query that fills it
   * @param upstreams whose content it reads
   * @param replaced the stream table that takes part no more but is filled; empty if it is new
   */
  record Guest(
      Opening opening, List<Maintained> upstreams, Optional<Maintained> replaced, Work work) {

    /** Fills at the cut, in the group's transaction. */
    interface Work {
      void at(Connection connection, Cut cut) throws SQLException, InterruptedException;

      void committed(Lsn position);
    }
  }

  private final DataSource connections;
  private final Refresher refresher;
  private final Capture capture;
  private final Auditor auditor = new Auditor();

  public GroupRefresher(DataSource connections, Refresher refresher, Capture capture) {
    this.connections = connections;
    this.refresher = refresher;
    this.capture = capture;
  }

  /**
   * @throws SQLException what the server said of the transaction as a whole
   */
  public Group.Results refresh(Group group, Patience patience)
      throws SQLException, InterruptedException {
    return refresh(group, Optional.empty(), patience);
  }

  /** The same, and fills a table at the same cut. */
  Group.Results refresh(Group group, Optional<Guest> guest, Patience patience)
      throws SQLException, InterruptedException {
    try (Connection connection = connections.getConnection()) {
      Attempt attempt = new Attempt(connection, group, guest, patience);
      try {
        return attempt.run();
      } finally {
        attempt.rollbackIfOpen();
      }
    }
  }

  /** One transaction. */
  private final class Attempt {
    private final Connection connection;
    private final Group group;
    private final Optional<Guest> guest;
    private final Patience patience;
    private final List<Part> active;
    private final Map<Maintained, Result> results = new LinkedHashMap<>();
    private final Map<Maintained, Optional<String>> catchUps = new LinkedHashMap<>();
    private final Map<Maintained, Found> found = new LinkedHashMap<>();
    private final Map<Maintained, Instant> finished = new LinkedHashMap<>();
    private final Upstreams upstreams = new Upstreams();
    private Optional<String> farBehind = Optional.empty();
    private boolean open;

    Attempt(Connection connection, Group group, Optional<Guest> guest, Patience patience) {
      this.connection = connection;
      this.group = group;
      this.guest = guest;
      this.patience = patience;
      this.active =
          new ArrayList<>(
              group.parts().stream()
                  .filter(part -> part.waiting().isEmpty() && !isReplaced(part.table()))
                  .toList());
    }

    private boolean isReplaced(Maintained table) {
      return guest.flatMap(Guest::replaced).equals(Optional.of(table));
    }

    Group.Results run() throws SQLException, InterruptedException {
      for (Part part : group.parts()) {
        catchUps.put(part.table(), catchUp(part));
      }
      if (active.isEmpty() && guest.isEmpty()) {
        group.parts().forEach(part -> results.put(part.table(), waiting(part.waiting())));
        return new Group.Results(Collections.unmodifiableMap(results), List.of());
      }
      Cut cut = openWithoutCulprits();
      for (Part part : group.parts()) {
        if (isReplaced(part.table())) {
          fill(cut);
        } else if (!results.containsKey(part.table())) {
          results.put(part.table(), result(part));
        }
      }
      if (guest.isPresent() && guest.get().replaced().isEmpty()) {
        fill(cut);
      }
      if (isWorthWriting()) {
        commit(cut);
      }
      results.replaceAll(this::untilNow);
      return new Group.Results(Collections.unmodifiableMap(results), uncaptured());
    }

    private Optional<String> catchUp(Part part) {
      return part.passedBy()
          .map(
              upstream ->
                  "caught up in full: it and "
                      + upstream.displayName()
                      + " stood at different cuts");
    }

    /** A part whose sources cannot be opened fails alone: a table is locked, or gone. */
    private Cut openWithoutCulprits() throws SQLException, InterruptedException {
      try {
        return open();
      } catch (SQLException e) {
        rollbackIfOpen();
        boolean repeats = false;
        for (Part part : active) {
          repeats |= patience.repeats(part.table(), e);
        }
        if (repeats) {
          throw e;
        }
        findCulprits();
        active.removeIf(part -> results.containsKey(part.table()));
        if (results.isEmpty() || (active.isEmpty() && guest.isEmpty())) {
          throw e;
        }
        return open();
      }
    }

    private void findCulprits() throws SQLException {
      for (Part part : active) {
        try {
          run("BEGIN ISOLATION LEVEL REPEATABLE READ");
          open = true;
          part.table().compiled().opening().lockAlone(connection);
        } catch (SQLException e) {
          results.put(
              part.table(),
              new Result.Failed(
                  ServerErrors.translate(e, "refresh " + part.table().displayName())));
        } finally {
          rollbackIfOpen();
        }
      }
    }

    private Cut open() throws SQLException, InterruptedException {
      List<Participant> participants = new ArrayList<>();
      for (Part part : active) {
        participants.add(
            new Participant(
                part.table().compiled().opening(),
                needsOn(part.table()).isEmpty()
                    ? Optional.empty()
                    : Optional.of(part.table().table().name())));
      }
      guest.ifPresent(it -> participants.add(new Participant(it.opening(), Optional.empty())));
      Optional<Marker> marker =
          active.stream().anyMatch(this::takesDelta)
              ? Optional.of(refresher.marker())
              : Optional.empty();
      open = true;
      List<Found> founds =
          new GroupOpening(participants, capture.emitsFlushed())
              .open(connection, commitMode(), marker);
      for (int i = 0; i < active.size(); i++) {
        Maintained table = active.get(i).table();
        requireSameFrontier(table, founds.get(i).cut());
        found.put(table, founds.get(i));
      }
      Cut cut = founds.getLast().cut();
      farBehind = marker.flatMap(_ -> tooFarBehind(cut));
      if (marker.isPresent() && farBehind.isEmpty()) {
        refresher.reach(marker.get(), cut);
      }
      if (active.stream().anyMatch(part -> part.table().sourcesSuspect())) {
        throw new SourcesChangedException();
      }
      return cut;
    }

    /**
     * All that read the log are then refreshed in full, by differences; what reads stream tables
     * alone takes those as its delta.
     */
    private Optional<String> tooFarBehind(Cut cut) {
      List<Part> readers =
          active.stream()
              .filter(part -> takesDelta(part) && part.table().compiled().readsLog())
              .toList();
      boolean auto =
          guest.isEmpty() && active.stream().allMatch(part -> modeOf(part) == RefreshMode.AUTO);
      return auto
          ? refresher.tooFarBehind(cut, readers.stream().map(Part::table).toList())
          : Optional.empty();
    }

    private static RefreshMode modeOf(Part part) {
      return part.request().mode().orElse(part.table().settings().mode());
    }

    private boolean takesDelta(Part part) {
      return part.table().frontier().valid()
          && catchUpOf(part.table()).isEmpty()
          && modeOf(part) != RefreshMode.FULL;
    }

    /** A commit that waits for the disk is what one of them asks for, if not all renounce it. */
    private String commitMode() {
      return guest.isEmpty()
              && active.stream()
                  .allMatch(p -> p.table().settings().commit() == CommitMode.ASYNCHRONOUS)
          ? "; SET LOCAL synchronous_commit = off"
          : "";
    }

    private static void requireSameFrontier(Maintained table, Cut cut) {
      String expected = table.frontier().snapshot().toString();
      if (!cut.storedFrontier().equals(Optional.of(expected))) {
        throw new FrontierMovedException(table, expected, cut.storedFrontier());
      }
    }

    private Result result(Part part) throws SQLException {
      Optional<String> waiting = part.waiting().or(() -> leftOut(part));
      if (waiting.isPresent()) {
        return waiting(waiting);
      }
      run(SAVEPOINT + timeouts(part.table()) + session(part.table()));
      try {
        long before = written(part.table());
        Outcome outcome =
            refresher.refresh(part.table(), part.request(), connection, membership(part));
        run("RELEASE " + SAVEPOINT);
        finished.put(part.table(), Instant.now());
        recordChange(part.table(), outcome.report(), before);
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
      run("ROLLBACK TO " + SAVEPOINT);
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

    /** Own timeouts where there are any; a part must not inherit those of the part before it. */
    private String timeouts(Maintained table) {
      return active.stream().allMatch(part -> part.table().timeouts().isEmpty())
          ? ""
          : "; SET LOCAL lock_timeout TO DEFAULT; SET LOCAL statement_timeout TO DEFAULT"
              + table.timeouts();
    }

    /** The settings that its query reads, and the time from which it is to be followed. */
    private String session(Maintained table) {
      return table.compiled().opening().pins()
          + (table.followsClock()
              ? foundFor(table).cut().storedClock().map(Clock::local).orElse("")
              : "");
    }

    private Membership membership(Part part) {
      Maintained table = part.table();
      Found mine = foundFor(table);
      List<DeltaNeed> needs = needsOn(table);
      return new Membership(
          mine.cut(),
          catchUpOf(table).or(() -> redefined(part)),
          farBehind,
          upstreams,
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

    /** What the others that take part want to know of a stream table's changes. */
    private List<DeltaNeed> needsOn(Maintained upstream) {
      return active.stream()
          .filter(part -> part.upstreams().contains(upstream))
          .flatMap(part -> part.table().compiled().views().applied().stream())
          .filter(need -> need.source().name().equals(upstream.table().name()))
          .toList();
    }

    private void recordChange(Maintained table, RefreshReport report, long before)
        throws SQLException {
      List<DeltaNeed> needs = needsOn(table);
      boolean captured = !needs.isEmpty() && foundFor(table).capturing();
      if (report.mode() == Mode.NOOP
          || (report.rowsWritten() == 0
              && (captured ? isUnchanged(needs) : written(table) == before))) {
        return;
      }
      Upstreams.Change change =
          report.mode() == Mode.REBUILD
              ? new Upstreams.Unknown(table.displayName() + " was rebuilt")
              : captured
                  ? new Upstreams.Captured(AppliedChanges.of(needs.getFirst().source(), needs))
                  : new Upstreams.Unknown(
                      table.displayName() + " changed, its triggers are missing");
      active.stream()
          .flatMap(part -> part.table().analysis().upstreamTables().stream())
          .filter(source -> source.name().equals(table.table().name()))
          .map(SourceTable::oid)
          .forEach(oid -> upstreams.record(oid, change));
    }

    /** PostgreSQL does not count what a statement's WITH clause deletes: a count of zero is no. */
    private boolean isUnchanged(List<DeltaNeed> needs) throws SQLException {
      String applied = AppliedChanges.of(needs.getFirst().source(), needs).table();
      return !isTrue("SELECT to_regclass('pg_temp." + applied + "') IS NOT NULL")
          || !isTrue("SELECT EXISTS (SELECT FROM pg_temp." + applied + ")");
    }

    private boolean isTrue(String query) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery(query)) {
        return row.next() && row.getBoolean(1);
      }
    }

    /** Asked only if nobody captures its changes but somebody wants to know of them. */
    private long written(Maintained table) throws SQLException {
      boolean captured = !needsOn(table).isEmpty() && foundFor(table).capturing();
      if (captured || active.stream().noneMatch(part -> part.upstreams().contains(table))) {
        return 0;
      }
      try (PreparedStatement statement = connection.prepareStatement(WRITTEN)) {
        statement.setString(1, table.table().name().toString());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return row.getLong(1);
        }
      }
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

    private boolean isWorthWriting() {
      return guest.isPresent()
          || active.stream()
              .filter(part -> results.get(part.table()) instanceof Result.Refreshed)
              .anyMatch(this::hasChanged);
    }

    private boolean hasChanged(Part part) {
      return (results.get(part.table()) instanceof Result.Refreshed(Outcome outcome)
              && outcome.report().mode() != Mode.NOOP)
          || part.request().audit().isPresent()
          || part.table().consumer().pending().transactions() > 0
          || part.passedBy().isPresent()
          || !part.table().frontier().valid();
    }

    private void commit(Cut cut) throws SQLException {
      List<Maintained> moved = new ArrayList<>();
      results.forEach(
          (table, result) -> {
            if (result instanceof Result.Refreshed) {
              moved.add(table);
            }
          });
      Lsn committedAt = writeFrontiers(cut, moved);
      open = false;
      for (Maintained table : moved) {
        table.consumer().advance(cut.snapshot(), committedAt);
        table.frontier(
            new Frontier(
                cut.snapshot(),
                cut.lsn(),
                foundFor(table).cut().sourceFiles(),
                cut.clock(),
                true,
                Instant.now()));
      }
      guest.ifPresent(it -> it.work().committed(committedAt));
    }

    private Lsn writeFrontiers(Cut cut, List<Maintained> moved) throws SQLException {
      String frontiers =
          moved.isEmpty()
              ? ""
              : """
              UPDATE freshet.frontier f SET snapshot = ?::pg_snapshot, lsn = ?::pg_lsn, slot = ?,
                source_files = v.files, clock = now(), valid = true,
                refreshed_at = clock_timestamp()
              FROM (VALUES %s) AS v(id, files) WHERE f.stream_table_id = v.id;
              """
                  .formatted(
                      moved.stream().map(_ -> "(?::int8, ?)").collect(Collectors.joining(", ")));
      try (PreparedStatement statement =
          connection.prepareStatement(
              frontiers + "COMMIT; SELECT pg_current_wal_insert_lsn()::text")) {
        if (!moved.isEmpty()) {
          statement.setString(1, cut.snapshot().toString());
          statement.setString(2, cut.lsn().toString());
          statement.setString(3, capture.slot());
        }
        int next = 4;
        for (Maintained table : moved) {
          statement.setLong(next++, table.table().id());
          statement.setString(next++, foundFor(table).cut().sourceFiles());
        }
        Opening.toNextRow(statement, statement.execute());
        try (ResultSet row = statement.getResultSet()) {
          row.next();
          return Lsn.parse(row.getString(1));
        }
      }
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
          new Outcome(whole, audit.map(found -> auditor.withRefresh(found, whole))));
    }

    private Optional<String> catchUpOf(Maintained table) {
      return Objects.requireNonNull(catchUps.get(table), table::displayName);
    }

    private Found foundFor(Maintained table) {
      return Objects.requireNonNull(found.get(table), table::displayName);
    }

    private List<Maintained> uncaptured() {
      return found.entrySet().stream()
          .filter(entry -> !entry.getValue().capturing())
          .map(Map.Entry::getKey)
          .toList();
    }

    private void run(String sql) throws SQLException {
      try (Statement statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    void rollbackIfOpen() throws SQLException {
      if (open && !connection.isClosed()) {
        run("ROLLBACK");
        open = false;
      }
    }
  }
}
