package dev.freshet.engine;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import java.sql.SQLException;
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
   * @throws FreshetException if the query does not hold any more, or has other columns than before
   */
  void recompile(Maintained table) throws SQLException, InterruptedException {
    Analysis analysis = definitions.analyze(table.table());
    if (table.frontier().valid()
        && !table.sourcesReplaced()
        && analysis.meansTheSameAs(table.analysis())) {
      preparation.prepare(analysis);
      table.trustSources();
      return;
    }
    if (!filler.layoutMatches(table.table().name(), analysis)) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "a source of " + table.displayName() + " was altered and the query's columns changed",
          "freshet alter %s --query … gives the table these columns"
              .formatted(table.displayName()));
    }
    preparation.prepare(analysis);
    Dependents.requireNoCycle(tables.graph(), table.table().name(), analysis);
    states.invalidate(table.table());
    filler.reattach(table, definitions.analyze(table.table()), "a source was altered");
    tables.redraw();
    LOG.info("{}: a source was altered, compiled again and refilled", table.displayName());
  }
}
