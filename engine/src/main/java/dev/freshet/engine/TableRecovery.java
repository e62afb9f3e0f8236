package dev.freshet.engine;

import dev.freshet.engine.catalog.StreamTable.State;
import dev.freshet.engine.refresh.Maintained;
import java.sql.SQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the state of stream tables true: failed with the reason, active again when it works. */
final class TableRecovery implements RefreshService.Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(TableRecovery.class);

  private final SourceRecovery sources;
  private final FrontierCheck frontiers;
  private final TableStates states;

  TableRecovery(SourceRecovery sources, FrontierCheck frontiers, TableStates states) {
    this.sources = sources;
    this.frontiers = frontiers;
    this.states = states;
  }

  @Override
  public void sourcesChanged(Maintained table) throws SQLException, InterruptedException {
    sources.recompile(table);
  }

  @Override
  public void awaken(Maintained table) throws SQLException {
    sources.awaken(table);
  }

  @Override
  public void frontierMoved(Maintained table) throws SQLException {
    frontiers.moved(table);
  }

  @Override
  public void failed(Maintained table, FreshetException cause) {
    if (table.table().state() != State.PAUSED && isLasting(cause)) {
      try {
        states.fail(table, cause);
      } catch (SQLException e) {
        LOG.warn("cannot store that {} has failed: {}", table.displayName(), e.getMessage());
      }
    }
  }

  /**
   * A lost connection or a lock says nothing about the stream table; nor does an error that is not
   * the server's, such as a pool that is being closed.
   */
  private static boolean isLasting(FreshetException cause) {
    return switch (cause.kind()) {
      case CONNECTION, BUSY, TIMEOUT -> false;
      case BAD_QUERY,
          UNSUPPORTED_QUERY,
          UNKNOWN_STREAM_TABLE,
          NAME_TAKEN,
          HAS_DEPENDENTS,
          MISSING_PRIVILEGE,
          SERVER_NOT_READY,
          BAD_SETTING,
          NOT_INITIALISED ->
          true;
      case SERVER_ERROR -> cause.sqlState().filter(state -> !state.isEmpty()).isPresent();
    };
  }

  @Override
  public void succeeded(Maintained table) {
    if (table.table().state() == State.FAILED || !table.table().reason().isEmpty()) {
      set(table, table.table().state() == State.PAUSED ? State.PAUSED : State.ACTIVE, "");
    }
  }

  private void set(Maintained table, State state, String reason) {
    try {
      states.set(table, state, reason);
    } catch (SQLException e) {
      LOG.warn(
          "cannot store that {} is {}: {}", table.displayName(), state.label(), e.getMessage());
    }
  }
}
