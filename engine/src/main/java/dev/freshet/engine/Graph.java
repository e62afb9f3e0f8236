package dev.freshet.engine;

import dev.freshet.engine.StreamTables.Broken;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which stream tables read which, at one moment. Immutable; {@link StreamTables} draws it anew
 * whenever one comes, goes, breaks or reads something else.
 *
 * <p>A stream table is known by its name, as in the catalog: a source of that name is that stream
 * table.
 */
final class Graph {
  static final Graph EMPTY = new Graph(Map.of());

  /**
   * A stream table and what it reads.
   *
   * @param table empty if it is broken, or if no engine maintains any
   * @param broken whether it cannot be refreshed
   * @param level 0 if it reads none, otherwise one more than the highest that it reads
   */
  private record Node(
      StreamTable definition,
      Optional<Maintained> table,
      boolean broken,
      List<TableName> upstreams,
      int level) {
    TableName name() {
      return definition.name();
    }

    boolean isPaused() {
      return table.map(Maintained::table).orElse(definition).state() == StreamTable.State.PAUSED;
    }

    long id() {
      return definition.id();
    }
  }

  /**
   * Stream tables that are connected, directly or not.
   *
   * @param members under maintenance, each after all that it reads
   * @param relations all tables that any of them reads
   */
  record Component(List<Maintained> members, Set<Integer> relations) {
    boolean isAlone() {
      return members.size() == 1;
    }
  }

  private final Map<TableName, Node> nodes;
  private final Map<TableName, List<TableName>> dependents = new HashMap<>();
  private final Map<TableName, Component> components = new HashMap<>();

  private Graph(Map<TableName, Node> nodes) {
    this.nodes = nodes;
    for (Node node : nodes.values()) {
      for (TableName upstream : node.upstreams()) {
        dependents.computeIfAbsent(upstream, _ -> new ArrayList<>()).add(node.name());
      }
    }
  }

  static Graph of(Collection<Maintained> maintained, Collection<Broken> broken) {
    Map<TableName, Node> nodes = new LinkedHashMap<>();
    Set<TableName> known = new HashSet<>();
    maintained.forEach(table -> known.add(table.table().name()));
    broken.forEach(failed -> known.add(failed.table().name()));
    for (Maintained table : maintained) {
      List<TableName> upstreams =
          table.analysis().upstreamTables().stream()
              .map(SourceTable::name)
              .filter(known::contains)
              .toList();
      nodes.put(
          table.table().name(), new Node(table.table(), Optional.of(table), false, upstreams, 0));
    }
    for (Broken failed : broken) {
      nodes.put(
          failed.table().name(),
          new Node(
              failed.table(),
              Optional.empty(),
              true,
              failed.upstreams().stream().filter(known::contains).toList(),
              0));
    }
    Graph graph = new Graph(levelled(nodes));
    graph.connect();
    return graph;
  }

  /**
   * As the catalog has it, without an engine.
   *
   * @param upstreams which of them each reads, as far as is known
   */
  static Graph ofCatalog(
      Collection<StreamTable> tables, Map<TableName, List<TableName>> upstreams) {
    Map<TableName, Node> nodes = new LinkedHashMap<>();
    for (StreamTable table : tables) {
      nodes.put(
          table.name(),
          new Node(
              table,
              Optional.empty(),
              table.state() == StreamTable.State.FAILED,
              upstreams.getOrDefault(table.name(), List.of()),
              0));
    }
    Graph graph = new Graph(levelled(nodes));
    graph.connect();
    return graph;
  }

  private static Map<TableName, Node> levelled(Map<TableName, Node> nodes) {
    Map<TableName, Integer> levels = new HashMap<>();
    for (TableName name : nodes.keySet()) {
      level(name, nodes, levels, new HashSet<>());
    }
    Map<TableName, Node> levelled = new LinkedHashMap<>();
    nodes.values().stream()
        .map(
            n ->
                new Node(
                    n.definition(),
                    n.table(),
                    n.broken(),
                    n.upstreams(),
                    levels.getOrDefault(n.name(), 0)))
        .sorted(Comparator.comparingInt(Node::level).thenComparingLong(Node::id))
        .forEach(node -> levelled.put(node.name(), node));
    return levelled;
  }

  private static Node node(Map<TableName, Node> nodes, TableName name) {
    return Objects.requireNonNull(nodes.get(name), () -> name + " is not in the graph");
  }

  /** A cycle, which a replaced view can make, ends where it closes. */
  private static int level(
      TableName name,
      Map<TableName, Node> nodes,
      Map<TableName, Integer> levels,
      Set<TableName> open) {
    Integer known = levels.get(name);
    if (known != null || !open.add(name)) {
      return known == null ? 0 : known;
    }
    int level = 0;
    for (TableName upstream : node(nodes, name).upstreams()) {
      level = Math.max(level, level(upstream, nodes, levels, open) + 1);
    }
    levels.put(name, level);
    return level;
  }

  private void connect() {
    for (TableName start : nodes.keySet()) {
      if (components.containsKey(start)) {
        continue;
      }
      Set<TableName> connected = new HashSet<>();
      Deque<TableName> reached = new ArrayDeque<>(List.of(start));
      while (!reached.isEmpty()) {
        TableName name = reached.remove();
        if (connected.add(name)) {
          reached.addAll(node(nodes, name).upstreams());
          reached.addAll(dependentsOf(name));
        }
      }
      List<Maintained> members = new ArrayList<>();
      Set<Integer> relations = new HashSet<>();
      for (Node node : nodes.values()) {
        if (connected.contains(node.name()) && node.table().isPresent()) {
          members.add(node.table().get());
          relations.addAll(StreamTables.relationsOf(node.table().get()));
        }
      }
      Component component = new Component(members, Collections.unmodifiableSet(relations));
      connected.forEach(name -> components.put(name, component));
    }
  }

  /** The component of a stream table; empty if it is not in this graph under maintenance. */
  Optional<Component> componentOf(Maintained table) {
    return Optional.ofNullable(components.get(table.table().name()))
        .filter(component -> component.members().contains(table));
  }

  /** All that it is connected with, itself included, each after all that it reads. */
  List<StreamTable> connectedWith(TableName name) {
    Set<TableName> connected = new HashSet<>();
    Deque<TableName> reached = new ArrayDeque<>(List.of(name));
    while (!reached.isEmpty()) {
      TableName next = reached.remove();
      if (nodes.containsKey(next) && connected.add(next)) {
        reached.addAll(upstreamsOf(next));
        reached.addAll(dependentsOf(next));
      }
    }
    return nodes.values().stream()
        .filter(node -> connected.contains(node.name()))
        .map(Node::definition)
        .toList();
  }

  /** Whether it neither reads a stream table nor is read by one. */
  boolean isAlone(Maintained table) {
    Node node = nodes.get(table.table().name());
    return node == null || (node.upstreams().isEmpty() && dependentsOf(node.name()).isEmpty());
  }

  int levelOf(TableName name) {
    return Optional.ofNullable(nodes.get(name)).map(Node::level).orElse(0);
  }

  /** The stream tables that read it themselves. */
  List<TableName> dependentsOf(TableName name) {
    return dependents.getOrDefault(name, List.of());
  }

  List<TableName> upstreamsOf(TableName name) {
    return Optional.ofNullable(nodes.get(name)).map(Node::upstreams).orElse(List.of());
  }

  /** Those that it reads and that are under maintenance. */
  List<Maintained> maintainedUpstreamsOf(Maintained table) {
    return upstreamsOf(table.table().name()).stream()
        .flatMap(name -> node(nodes, name).table().stream())
        .toList();
  }

  /** All that read it, directly or through others, each after all that it reads. */
  List<TableName> descendantsOf(TableName name) {
    Set<TableName> found = new LinkedHashSet<>();
    for (Node node : nodes.values()) {
      if (node.upstreams().stream().anyMatch(up -> up.equals(name) || found.contains(up))) {
        found.add(node.name());
      }
    }
    found.remove(name);
    return List.copyOf(found);
  }

  /**
   * The way of changes from one stream table to another, both included; empty if there is none. Of
   * itself to itself it is at least the one name.
   */
  Optional<List<TableName>> path(TableName from, TableName to) {
    Map<TableName, TableName> cameFrom = new HashMap<>();
    Deque<TableName> reached = new ArrayDeque<>(List.of(from));
    Set<TableName> seen = new HashSet<>(Set.of(from));
    while (!reached.isEmpty()) {
      TableName name = reached.remove();
      if (name.equals(to)) {
        List<TableName> path = new ArrayList<>(List.of(name));
        while (!path.getFirst().equals(from)) {
          path.addFirst(cameFrom.get(path.getFirst()));
        }
        return Optional.of(path);
      }
      for (TableName next : dependentsOf(name)) {
        if (seen.add(next)) {
          cameFrom.put(next, name);
          reached.add(next);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Why a stream table cannot be refreshed now: something that it reads is paused, has failed or
   * waits itself. Empty if nothing hinders it; its own state does not count.
   *
   * @param awake those that are to be refreshed though they are paused
   */
  Optional<String> waiting(TableName name, Set<Maintained> awake) {
    return upstreamsOf(name).isEmpty()
        ? Optional.empty()
        : waiting(name, awake, new LinkedHashSet<>());
  }

  private Optional<String> waiting(
      TableName name, Set<Maintained> awake, LinkedHashSet<TableName> open) {
    if (!open.add(name)) {
      List<TableName> circle = new ArrayList<>(open);
      circle.add(name);
      return Optional.of(
          "reads itself: "
              + arrows(circle.subList(circle.indexOf(name), circle.size()).reversed()));
    }
    try {
      for (TableName upstream : upstreamsOf(name)) {
        Node node = node(nodes, upstream);
        if (node.broken()) {
          return Optional.of("waits for " + Names.display(upstream) + ", which has failed");
        }
        if (node.isPaused() && node.table().filter(awake::contains).isEmpty()) {
          return Optional.of("waits for " + Names.display(upstream) + ", which is paused");
        }
        Optional<String> further = waiting(upstream, awake, open);
        if (further.isPresent()) {
          return further;
        }
      }
      return Optional.empty();
    } finally {
      open.remove(name);
    }
  }

  /** Names as people read them: {@code public.a → public.b}. */
  static String arrows(List<TableName> path) {
    return path.stream().map(Names::display).collect(Collectors.joining(" → "));
  }

  /** The stream tables of {@code names} that are in this graph, by name. */
  Map<TableName, StreamTable> definitions(Collection<TableName> names) {
    Map<TableName, StreamTable> found = new TreeMap<>();
    names.forEach(
        name ->
            Optional.ofNullable(nodes.get(name))
                .ifPresent(node -> found.put(name, node.definition())));
    return found;
  }
}
