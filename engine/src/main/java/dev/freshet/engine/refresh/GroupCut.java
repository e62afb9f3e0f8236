package dev.freshet.engine.refresh;

import dev.freshet.config.CommitMode;
import dev.freshet.config.RefreshMode;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.refresh.Group.Part;
import dev.freshet.engine.refresh.GroupOpening.Found;
import dev.freshet.engine.refresh.GroupOpening.Participant;
import dev.freshet.engine.refresh.GroupRefresher.Guest;
import dev.freshet.engine.refresh.Opening.Marker;
import dev.freshet.sql.DeltaNeed;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Opens a group's transaction: who takes part, at which cut, and what was found there of each. */
final class GroupCut {
  private final Refresher refresher;
  private final Capture capture;
  private final Connection connection;
  private final Optional<Guest> guest;
  private final List<Part> active;
  private final Map<Maintained, Optional<String>> catchUps = new LinkedHashMap<>();
  private final Map<Maintained, Found> found = new LinkedHashMap<>();
  private Optional<String> farBehind = Optional.empty();
  private boolean open;

  GroupCut(
      Refresher refresher,
      Capture capture,
      Connection connection,
      Group group,
      Optional<Guest> guest) {
    this.refresher = refresher;
    this.capture = capture;
    this.connection = connection;
    this.guest = guest;
    this.active =
        new ArrayList<>(
            group.parts().stream()
                .filter(part -> part.waiting().isEmpty() && !isReplaced(part.table()))
                .toList());
    for (Part part : group.parts()) {
      catchUps.put(part.table(), catchUp(part));
    }
  }

  /** The parts that take part. */
  List<Part> active() {
    return active;
  }

  boolean isReplaced(Maintained table) {
    return guest.flatMap(Guest::replaced).equals(Optional.of(table));
  }

  private static Optional<String> catchUp(Part part) {
    return part.passedBy()
        .map(
            upstream ->
                "caught up in full: it and " + upstream.displayName() + " stood at different cuts");
  }

  /** Finds out whose sources cannot be opened, and leaves those out. */
  Map<Maintained, FreshetException> withdrawCulprits() throws SQLException {
    Map<Maintained, FreshetException> culprits = new LinkedHashMap<>();
    for (Part part : active) {
      try {
        open = true;
        execute(Opening.BEGIN);
        part.table().compiled().opening().lockAlone(connection);
      } catch (SQLException e) {
        culprits.put(
            part.table(), ServerErrors.translate(e, "refresh " + part.table().displayName()));
      } finally {
        rollbackIfOpen();
      }
    }
    active.removeIf(part -> culprits.containsKey(part.table()));
    return culprits;
  }

  Cut open() throws SQLException, InterruptedException {
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
            ? refresher.reception().marker()
            : Optional.empty();
    open = true;
    List<Found> founds =
        new GroupOpening(participants, capture.marking()).open(connection, commitMode(), marker);
    for (int i = 0; i < active.size(); i++) {
      Maintained table = active.get(i).table();
      requireSameFrontier(table, founds.get(i).cut());
      found.put(table, founds.get(i));
    }
    Cut cut = founds.getLast().cut();
    farBehind = marker.flatMap(_ -> tooFarBehind(cut));
    if (farBehind.isEmpty()) {
      refresher.reception().reach(marker, cut);
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
        ? refresher.reception().tooFarBehind(cut, readers.stream().map(Part::table).toList())
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

  /** What the others that take part want to know of a stream table's changes. */
  List<DeltaNeed> needsOn(Maintained upstream) {
    return active.stream()
        .filter(part -> part.upstreams().contains(upstream))
        .flatMap(part -> part.table().compiled().views().applied().stream())
        .filter(need -> need.source().name().equals(upstream.table().name()))
        .toList();
  }

  /** Why nobody waited for the decoder; empty if it was received. */
  Optional<String> farBehind() {
    return farBehind;
  }

  Optional<String> catchUpOf(Maintained table) {
    return Objects.requireNonNull(catchUps.get(table), table::displayName);
  }

  Found foundFor(Maintained table) {
    return Objects.requireNonNull(found.get(table), table::displayName);
  }

  List<Maintained> uncaptured() {
    return found.entrySet().stream()
        .filter(entry -> !entry.getValue().capturing())
        .map(Map.Entry::getKey)
        .toList();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The transaction has ended. */
  void committed() {
    open = false;
  }

  void rollbackIfOpen() throws SQLException {
    if (open && !connection.isClosed()) {
      execute("ROLLBACK");
      open = false;
    }
  }
}
