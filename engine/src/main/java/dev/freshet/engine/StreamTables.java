package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The stream tables of this engine by name: those under maintenance, and those that are broken. A
 * name is in one of the two at most.
 */
final class StreamTables {
  /**
   * A stream table that cannot be refreshed until something outside is put right.
   *
   * @param upstreams the stream tables that it read when that was last known
   */
  record Broken(StreamTable table, FreshetException cause, List<TableName> upstreams) {
    Broken {
      upstreams = List.copyOf(upstreams);
    }
  }

  private final Map<TableName, Maintained> maintained = new ConcurrentSkipListMap<>();
  private final Map<TableName, Broken> broken = new ConcurrentSkipListMap<>();

  private volatile Graph graph = Graph.EMPTY;

  /** Which of them read which. */
  Graph graph() {
    return graph;
  }

  /** To be called after a stream table came to read something else. */
  synchronized void redraw() {
    graph = Graph.of(maintained.values(), broken.values());
  }

  Collection<Maintained> maintained() {
    return maintained.values();
  }

  Collection<Broken> broken() {
    return broken.values();
  }

  Optional<Maintained> find(TableName name) {
    return Optional.ofNullable(maintained.get(name));
  }

  Optional<Broken> findBroken(TableName name) {
    return Optional.ofNullable(broken.get(name));
  }

  /** Whether there is a stream table of this name, in whatever state. */
  boolean knows(TableName name) {
    return maintained.containsKey(name) || broken.containsKey(name);
  }

  /** Whether {@code table} is still what is maintained under its name. */
  boolean isMaintained(Maintained table) {
    return maintained.get(table.table().name()) == table;
  }

  void add(Maintained table) {
    Maintained before = maintained.put(table.table().name(), table);
    broken.remove(table.table().name());
    if (before != null && before != table) {
      before.consumer().close();
    }
    redraw();
  }

  void addBroken(Broken failed) {
    broken.put(failed.table().name(), failed);
    redraw();
  }

  /** Takes it out and gives up what is buffered for it. */
  void remove(Maintained table) {
    maintained.remove(table.table().name(), table);
    table.consumer().close();
    redraw();
  }

  void removeBroken(TableName name) {
    broken.remove(name);
    redraw();
  }

  static FreshetException unknown(TableName name) {
    return FreshetException.of(
        Kind.UNKNOWN_STREAM_TABLE,
        "there is no stream table " + Names.display(name),
        "freshet list shows all of them");
  }

  /** The base tables that it reads. */
  static Set<Integer> relationsOf(Maintained table) {
    Set<Integer> relations = new HashSet<>();
    for (SourceTable base : table.analysis().bases()) {
      relations.add(base.oid());
    }
    return relations;
  }

  /** Those of {@code relations} that no stream table under maintenance reads. */
  Set<Integer> unread(Set<Integer> relations) {
    Set<Integer> unread = new HashSet<>(relations);
    maintained.values().forEach(table -> unread.removeAll(relationsOf(table)));
    return unread;
  }

  /** The relation's stream tables analyse it again before their next refresh. */
  void suspect(int relation) {
    for (Maintained table : maintained.values()) {
      if (relationsOf(table).contains(relation)) {
        table.suspectSources();
      }
    }
  }
}
