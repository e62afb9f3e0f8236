package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.TableFit;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** After a source was altered: a fresh analysis, and a full refresh to follow where needed. */
final class SourceRecovery {
  private static final Logger LOG = LoggerFactory.getLogger(SourceRecovery.class);

  private final Definitions definitions;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;
  private final TableStates states;

  SourceRecovery(
      Definitions definitions,
      SourcePreparation preparation,
      Filler filler,
      StreamTables tables,
      TableStates states) {
    this.tables = tables;
    this.definitions = definitions;
    this.preparation = preparation;
    this.filler = filler;
    this.states = states;
  }

  /** After it waited for a stream table that was broken: takes it up again, to be refilled. */
  void awaken(Maintained table) throws SQLException {
    filler.reattach(table, table.analysis(), table.table().reason());
  }

  /**
   * What readers see of the table stays as it is. Hidden columns and the engine's own indexes are
   * exchanged where the query now finds its rows otherwise, a primary key having come or gone.
   *
   * @throws FreshetException if the query does not hold any more, or has other columns than before
   */
  void recompile(Maintained table) throws SQLException, InterruptedException {
    Analysis analysis = definitions.analyze(table.table());
    TableFit fit = filler.fit(table.table().name(), analysis);
    if (table.frontier().valid()
        && !table.sourcesReplaced()
        && fit.fits()
        && analysis.meansTheSameAs(table.analysis())) {
      preparation.prepare(analysis);
      table.trustSources();
      return;
    }
    fit.requireColumns(table.displayName());
    preparation.prepare(analysis);
    Dependents.requireNoCycle(tables.graph(), table.table().name(), analysis);
    Analysis prepared = definitions.analyze(table.table());
    if (fit instanceof TableFit.Modified modified) {
      filler.modify(table.table().name(), modified);
    }
    states.invalidate(table.table());
    boolean sameRows =
        !(fit instanceof TableFit.HiddenDiffer)
            && !table.rowsCollide()
            && filler.findsSameRows(table, prepared);
    if (sameRows) {
      filler.reattach(table, prepared, "a source was altered");
    } else {
      redefine(table, prepared);
    }
    tables.redraw();
    LOG.info("{}: a source was altered, compiled again and refilled", table.displayName());
  }

  /** As {@code freshet alter} with the same query. */
  private void redefine(Maintained table, Analysis analysis)
      throws SQLException, InterruptedException {
    if (!tables.graph().isAlone(table) || !analysis.upstreams().isEmpty()) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "a source of %s was altered, so that its rows are found otherwise than before, and it is connected with other stream tables"
              .formatted(table.displayName()),
          "give it the same query again: freshet alter " + table.displayName() + " --query …");
    }
    StreamTable stored = table.table();
    filler.replace(
        Optional.of(table),
        stored,
        stored.query(),
        stored.overrides(),
        definitions.settings(stored.overrides()),
        analysis,
        Optional.empty());
  }
}
