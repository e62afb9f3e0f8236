package dev.freshet.engine;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** How a stream table comes: sources prepared, table filled from a snapshot, then maintained. */
final class TableCreation {
  private final Definitions definitions;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;

  TableCreation(
      Definitions definitions, SourcePreparation preparation, Filler filler, StreamTables tables) {
    this.definitions = definitions;
    this.preparation = preparation;
    this.filler = filler;
    this.tables = tables;
  }

  /** A new stream table and what the user should know about it. */
  record Added(Maintained table, double milliseconds, List<String> notices) {}

  /**
   * @throws FreshetException NAME_TAKEN and everything that analysis and preparation throw
   */
  Added create(TableName name, String query, RefreshOverrides overrides)
      throws SQLException, InterruptedException {
    long begin = System.nanoTime();
    filler.requireFree(name);
    List<String> notices =
        new ArrayList<>(preparation.prepare(definitions.analyze(query, overrides)));
    Maintained created =
        filler.create(
            name, query, overrides, definitions.settings(overrides), definitions.analyze(query));
    tables.add(created);
    notices.addAll(Definitions.noticesOf(created));
    return new Added(created, (System.nanoTime() - begin) / 1e6, notices);
  }
}
