package dev.freshet.engine;

import dev.freshet.engine.catalog.Frontier;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the frontiers in memory against those of the catalog, which are the truth. */
final class FrontierCheck {
  private static final Logger LOG = LoggerFactory.getLogger(FrontierCheck.class);

  private final Filler filler;
  private final StreamTables tables;
  private final TableStates states;

  FrontierCheck(Filler filler, StreamTables tables, TableStates states) {
    this.filler = filler;
    this.tables = tables;
    this.states = states;
  }

  /**
   * After a new connection: puts right every frontier in memory that the catalog does not have,
   * because a crash of the server undid the refresh, or because its commit was not answered.
   *
   * @return false if a stream table is busy: ask again later
   */
  boolean allAreStored() throws SQLException, InterruptedException {
    for (Maintained table : tables.maintained()) {
      if (!table.lock().tryLock()) {
        return false;
      }
      try {
        if (tables.isMaintained(table) && table.frontier().valid() && !isStored(table)) {
          moved(table);
        }
      } finally {
        table.lock().unlock();
      }
    }
    return true;
  }

  private boolean isStored(Maintained table) throws SQLException {
    return states
        .stored(table)
        .frontier()
        .map(Frontier::snapshot)
        .equals(Optional.of(table.frontier().snapshot()));
  }

  /**
   * The catalog's frontier is not the one in memory. If it is ahead, a refresh was committed whose
   * answer was lost with the connection: it goes on from there. Otherwise the next refresh is full.
   */
  void moved(Maintained table) throws SQLException {
    StreamTable stored = states.stored(table);
    Optional<Frontier> ahead = stored.frontier().filter(found -> isAhead(table, stored, found));
    if (ahead.isPresent()) {
      filler.adopt(table, ahead.get());
      LOG.info("{}: its last refresh was committed after all", table.displayName());
      return;
    }
    states.invalidate(stored);
    filler.reattach(
        table, table.analysis(), "its frontier was moved by somebody else or undone by a crash");
    LOG.warn("{}: its last refresh was undone, it is refilled", table.displayName());
  }

  /** Position and snapshot move together in a refresh; who edits the one is not trusted. */
  private static boolean isAhead(Maintained table, StreamTable stored, Frontier found) {
    Frontier known = table.frontier();
    return known.valid()
        && found.valid()
        && found.snapshot().covers(known.snapshot())
        && found.lsn().isAfter(known.lsn())
        && stored.query().equals(table.table().query());
  }
}
