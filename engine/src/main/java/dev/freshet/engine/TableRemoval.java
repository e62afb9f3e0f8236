package dev.freshet.engine;

import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.SQLException;
import java.util.Optional;

/** How a stream table goes: table and catalog rows dropped, sources given back. */
final class TableRemoval {
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;

  TableRemoval(SourcePreparation preparation, Filler filler, StreamTables tables) {
    this.preparation = preparation;
    this.filler = filler;
    this.tables = tables;
  }

  /**
   * @throws FreshetException UNKNOWN_STREAM_TABLE, or what PostgreSQL has against it
   */
  void drop(TableName name) throws SQLException, InterruptedException {
    Optional<Maintained> found = tables.find(name);
    if (found.isEmpty()) {
      StreamTables.Broken failed =
          tables.findBroken(name).orElseThrow(() -> StreamTables.unknown(name));
      filler.drop(failed.table());
      tables.removeBroken(name);
      return;
    }
    Maintained table = found.get();
    table.lock().lockInterruptibly();
    try {
      filler.drop(table.table());
      tables.remove(table);
      preparation.retire(tables.unread(StreamTables.relationsOf(table)));
    } finally {
      table.lock().unlock();
    }
  }
}
