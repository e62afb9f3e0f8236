package dev.freshet.engine;

import dev.freshet.engine.refresh.AppliedTriggers;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a stream table goes: table and catalog rows dropped, sources given back. */
final class TableRemoval {
  private static final Logger LOG = LoggerFactory.getLogger(TableRemoval.class);

  private final DataSource connections;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;
  private final Groups groups;

  TableRemoval(
      DataSource connections, SourcePreparation preparation, Filler filler, StreamTables tables) {
    this.connections = connections;
    this.preparation = preparation;
    this.filler = filler;
    this.tables = tables;
    this.groups = new Groups(tables);
  }

  /**
   * @param cascade whether those that read it go too
   * @return what was dropped, in the order in which changes went through them
   * @throws FreshetException UNKNOWN_STREAM_TABLE, HAS_DEPENDENTS, or what PostgreSQL has against
   *     it
   */
  List<TableName> drop(TableName name, boolean cascade) throws SQLException, InterruptedException {
    if (!tables.knows(name)) {
      throw StreamTables.unknown(name);
    }
    try (Groups.Held _ = groups.lock(maintainedAmong(withDescendants(name)))) {
      if (!cascade) {
        Dependents.requireNone(tables.graph(), name);
      }
      List<TableName> dropped = withDescendants(name);
      Set<TableName> upstreams = new LinkedHashSet<>();
      dropped.forEach(table -> upstreams.addAll(tables.graph().upstreamsOf(table)));
      filler.drop(List.copyOf(tables.graph().definitions(dropped).values()));
      for (TableName table : dropped) {
        forget(table);
      }
      upstreams.forEach(this::releaseIfUnread);
      return dropped;
    }
  }

  private List<TableName> withDescendants(TableName name) {
    List<TableName> all = new ArrayList<>(List.of(name));
    all.addAll(tables.graph().descendantsOf(name));
    return all;
  }

  private List<Maintained> maintainedAmong(List<TableName> names) {
    return names.stream().flatMap(name -> tables.find(name).stream()).toList();
  }

  private void forget(TableName name) {
    Optional<Maintained> table = tables.find(name);
    if (table.isEmpty()) {
      tables.removeBroken(name);
      return;
    }
    tables.remove(table.get());
    preparation.retire(tables.unread(StreamTables.relationsOf(table.get())));
  }

  /** Left in place, its triggers cost a little and do nothing. */
  private void releaseIfUnread(TableName upstream) {
    if (!tables.knows(upstream) || !tables.graph().dependentsOf(upstream).isEmpty()) {
      return;
    }
    try (Connection connection = connections.getConnection()) {
      AppliedTriggers.remove(connection, upstream);
    } catch (SQLException e) {
      LOG.debug("the triggers of {} stay: {}", Names.display(upstream), e.getMessage());
    }
  }
}
