package dev.freshet.engine;

import dev.freshet.config.Schedule;
import dev.freshet.engine.catalog.StreamTable.State;
import dev.freshet.engine.control.EngineStatus.Place;
import dev.freshet.engine.refresh.Group;
import dev.freshet.engine.refresh.Group.Part;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Request;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who is refreshed together, and when.
 *
 * <p>All that is connected moves together, whoever's schedule it was; a stream table that is paused
 * stays where it is, and all that reads it waits.
 */
final class Groups {
  private final StreamTables tables;

  Groups(StreamTables tables) {
    this.tables = tables;
  }

  /** Whole components whose locks are held by this thread. */
  record Held(Graph graph, List<Maintained> members) implements AutoCloseable {
    @Override
    public void close() {
      unlock(members);
    }
  }

  /** Takes the locks of all that is connected with {@code seeds}, in an order that all keep. */
  Held lock(Collection<Maintained> seeds) throws InterruptedException {
    while (true) {
      Graph graph = tables.graph();
      List<Maintained> members = connected(graph, seeds);
      List<Maintained> locked = new ArrayList<>();
      boolean kept = false;
      try {
        for (Maintained table : inLockOrder(members)) {
          table.lock().lockInterruptibly();
          locked.add(table);
        }
        Graph now = tables.graph();
        if (connected(now, seeds).equals(members)) {
          kept = true;
          return new Held(now, members);
        }
      } finally {
        if (!kept) {
          unlock(locked);
        }
      }
    }
  }

  boolean isMaintained(Maintained table) {
    return tables.isMaintained(table);
  }

  /**
   * @throws FreshetException what broke it meanwhile, or UNKNOWN_STREAM_TABLE
   */
  void requireMaintained(Maintained table) {
    TableName name = table.table().name();
    if (!tables.isMaintained(table)) {
      throw tables
          .findBroken(name)
          .map(StreamTables.Broken::cause)
          .orElseGet(() -> StreamTables.unknown(name));
    }
  }

  private static void unlock(List<Maintained> members) {
    members.forEach(table -> table.lock().unlock());
  }

  private static List<Maintained> inLockOrder(List<Maintained> members) {
    return members.stream().sorted(Comparator.comparingLong(t -> t.table().id())).toList();
  }

  private static List<Maintained> connected(Graph graph, Collection<Maintained> seeds) {
    Set<Maintained> members = new LinkedHashSet<>();
    for (Maintained seed : seeds) {
      graph.componentOf(seed).ifPresent(component -> members.addAll(component.members()));
    }
    return List.copyOf(members);
  }

  /**
   * @param targets whom {@code request} is about: they are refreshed even if they are paused; the
   *     others come along as a schedule would have them
   */
  Group group(Held held, Set<Maintained> targets, Request request) {
    List<Part> parts = new ArrayList<>();
    for (Maintained table : held.members()) {
      boolean asked = targets.contains(table);
      parts.add(
          new Part(
              table,
              held.graph().maintainedUpstreamsOf(table),
              asked ? request : Request.scheduled(),
              held.graph()
                  .waiting(table.table().name(), targets)
                  .or(() -> asked ? Optional.empty() : paused(table))));
    }
    return new Group(parts);
  }

  private static Optional<String> paused(Maintained table) {
    return table.table().state() == State.PAUSED ? Optional.of("is paused") : Optional.empty();
  }

  /** Whether a part that can move has something to move for. */
  static boolean hasWork(Group group) {
    return group.parts().stream()
        .anyMatch(
            part ->
                part.waiting().isEmpty()
                    && (part.table().hasWork() || part.passedBy().isPresent()));
  }

  /** Whether a scheduled tick of {@code table} would do anything; asks no server, takes no lock. */
  boolean hasWork(Maintained table) {
    Graph graph = tables.graph();
    if (graph.isAlone(table)) {
      return table.hasWork();
    }
    if (!moves(graph, table) || !leads(graph, table)) {
      return false;
    }
    return graph.componentOf(table).stream()
        .flatMap(component -> component.members().stream())
        .anyMatch(member -> moves(graph, member) && (member.hasWork() || isBehind(graph, member)));
  }

  /** Whether it, or what it moves with, has something to do even if time stood still. */
  boolean hasChanges(Maintained table) {
    Graph graph = tables.graph();
    return graph.isAlone(table)
        ? table.hasChanges()
        : movingWith(graph, table).stream()
            .anyMatch(member -> member.hasChanges() || isBehind(graph, member));
  }

  /** Those that move with it, itself included, and that time alone may change. */
  List<Maintained> followingClock(Maintained table) {
    return movingWith(tables.graph(), table).stream().filter(Maintained::followsClock).toList();
  }

  private static List<Maintained> movingWith(Graph graph, Maintained table) {
    return graph.isAlone(table)
        ? List.of(table)
        : graph.componentOf(table).stream()
            .flatMap(component -> component.members().stream())
            .filter(member -> moves(graph, member))
            .toList();
  }

  /** Whether there is still something to do, right after a refresh that could not see it. */
  boolean hasPending(Maintained table) {
    Graph graph = tables.graph();
    return graph.isAlone(table)
        ? table.consumer().pending().transactions() > 0
        : graph.componentOf(table).stream()
            .flatMap(component -> component.members().stream())
            .anyMatch(
                member -> moves(graph, member) && member.consumer().pending().transactions() > 0);
  }

  /** Whether some stream table that could move has not come as far as one that it reads. */
  boolean anyIsBehind() {
    Graph graph = tables.graph();
    return tables.maintained().stream()
        .anyMatch(table -> moves(graph, table) && isBehind(graph, table));
  }

  private static boolean moves(Graph graph, Maintained table) {
    return table.table().state() != State.PAUSED
        && graph.waiting(table.table().name(), Set.of()).isEmpty();
  }

  private static boolean isBehind(Graph graph, Maintained table) {
    return graph.maintainedUpstreamsOf(table).stream()
        .anyMatch(upstream -> !upstream.frontier().snapshot().equals(table.frontier().snapshot()));
  }

  /** One of several continuous members is enough to hear of commits. */
  private static boolean leads(Graph graph, Maintained table) {
    if (!(table.settings().schedule() instanceof Schedule.Continuous)) {
      return true;
    }
    return graph.componentOf(table).stream()
        .flatMap(component -> component.members().stream())
        .filter(
            member ->
                member.settings().schedule() instanceof Schedule.Continuous && moves(graph, member))
        .findFirst()
        .equals(Optional.of(table));
  }

  /** Why a stream table that is neither paused nor failed is not refreshed with the others. */
  Optional<String> waiting(Maintained table) {
    return table.table().state() == State.PAUSED
        ? Optional.empty()
        : tables.graph().waiting(table.table().name(), Set.of()).or(table::waiting);
  }

  /** Where a stream table stands among others. */
  Place place(TableName name, Schedule own) {
    Graph graph = tables.graph();
    List<Maintained> members =
        tables
            .find(name)
            .flatMap(graph::componentOf)
            .map(Graph.Component::members)
            .orElse(List.of());
    List<Schedule> schedules =
        members.isEmpty()
            ? List.of(own)
            : members.stream()
                .filter(member -> member.table().state() != State.PAUSED)
                .map(member -> member.settings().schedule())
                .toList();
    return new Place(
        members.isEmpty() ? Names.display(name) : members.getFirst().displayName(),
        graph.levelOf(name),
        graph.upstreamsOf(name).stream().map(Names::display).toList(),
        graph.dependentsOf(name).stream().map(Names::display).toList(),
        schedules.stream()
            .filter(s -> !(s instanceof Schedule.Manual || s instanceof Schedule.Calculated))
            .map(Schedule::toString)
            .distinct()
            .toList());
  }

  /** The tables whose commits concern {@code table} and all that moves with it. */
  Set<Integer> relations(Maintained table) {
    return tables
        .graph()
        .componentOf(table)
        .map(Graph.Component::relations)
        .orElseGet(() -> StreamTables.relationsOf(table));
  }
}
