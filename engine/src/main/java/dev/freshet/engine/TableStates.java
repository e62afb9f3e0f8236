package dev.freshet.engine;

import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Active, paused, failed: the states of stream tables, in the catalog and in memory.
 *
 * <p>One that is broken has its frontier marked invalid first, so the log it would need is not held
 * back, and it is refilled once the cause is gone.
 */
final class TableStates {
  private static final Logger LOG = LoggerFactory.getLogger(TableStates.class);

  private final DataSource connections;
  private final Catalog catalog;
  private final Filler filler;
  private final StreamTables tables;

  TableStates(DataSource connections, Catalog catalog, Filler filler, StreamTables tables) {
    this.connections = connections;
    this.catalog = catalog;
    this.filler = filler;
    this.tables = tables;
  }

  void set(Maintained table, StreamTable.State state, String reason) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      catalog.setState(connection, table.table().id(), state, reason);
    }
    filler.redefine(table, stored(table), table.settings());
  }

  /** The stream table as the catalog has it now. */
  StreamTable stored(Maintained table) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      return catalog
          .find(connection, table.table().name())
          .orElseThrow(() -> StreamTables.unknown(table.table().name()));
    }
  }

  /** The next refresh is full. */
  void invalidate(StreamTable table) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      catalog.invalidateFrontier(connection, table.id());
    }
  }

  /**
   * Gives up maintaining a stream table until its cause is gone: nothing is buffered and no log is
   * held back for it; it will be refilled.
   */
  void fail(Maintained table, FreshetException cause) throws SQLException {
    List<TableName> upstreams = tables.graph().upstreamsOf(table.table().name());
    markBroken(table.table(), cause, upstreams);
    tables.remove(table);
    for (TableName dependent : tables.graph().descendantsOf(table.table().name())) {
      Optional<Maintained> waiting = tables.find(dependent);
      if (waiting.isPresent()) {
        suspend(waiting.get(), table.displayName());
      }
    }
  }

  /** Changes of it that were received are not kept any more: the next refresh is full. */
  void giveUp(Maintained table, String reason) throws SQLException {
    invalidate(table.table());
    filler.reattach(table, table.analysis(), reason);
  }

  /**
   * One that reads a broken stream table is given up too, as far as the log goes: what its sources
   * do meanwhile is not kept for it, and it is refilled when it can be refreshed again.
   */
  private void suspend(Maintained table, String broken) throws SQLException {
    if (!table.isSuspended()) {
      invalidate(table.table());
      filler.suspend(table, "caught up in full: it waited for " + broken + ", which had failed");
    }
  }

  /** At start: those that read what could not be taken up. */
  void suspendWaiting() throws SQLException {
    for (StreamTables.Broken failed : tables.broken()) {
      for (TableName dependent : tables.graph().descendantsOf(failed.table().name())) {
        Optional<Maintained> waiting = tables.find(dependent);
        if (waiting.isPresent()) {
          suspend(waiting.get(), failed.table().displayName());
        }
      }
    }
  }

  void markBroken(StreamTable table, FreshetException cause) throws SQLException {
    markBroken(table, cause, tables.graph().upstreamsOf(table.name()));
  }

  private void markBroken(StreamTable table, FreshetException cause, List<TableName> upstreams)
      throws SQLException {
    String reason = reason(cause);
    LOG.error("stream table {} cannot be refreshed: {}", table.displayName(), reason);
    try (Connection connection = connections.getConnection()) {
      catalog.invalidateFrontier(connection, table.id());
      catalog.setState(connection, table.id(), StreamTable.State.FAILED, reason);
      StreamTable stored = catalog.find(connection, table.name()).orElse(table);
      tables.addBroken(new StreamTables.Broken(stored, cause, upstreams));
    }
  }

  /** What is wrong and what to do: whoever looks later has nothing else. */
  private static String reason(FreshetException cause) {
    return cause.getMessage()
        + (cause.remedy().isEmpty() ? "" : "\nhint: " + cause.remedy().replace("\n", "\n  "));
  }
}
