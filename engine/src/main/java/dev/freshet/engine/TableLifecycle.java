package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.refresh.Filler;
import javax.sql.DataSource;

/**
 * How the stream tables of an engine come, change, fail, recover and go: one collaborator for each,
 * all about the same {@link StreamTables}.
 */
record TableLifecycle(
    StreamTables tables,
    Definitions definitions,
    TableStates states,
    TableAttachment attachment,
    TableCreation creation,
    TableAlteration alteration,
    TableRemoval removal,
    FrontierCheck frontiers,
    TableRecovery recovery,
    Declarations declarations) {

  static TableLifecycle of(
      FreshetConfig config,
      DataSource connections,
      Catalog catalog,
      QueryAnalyzer analyzer,
      SourcePreparation preparation,
      Filler filler) {
    StreamTables tables = new StreamTables();
    Definitions definitions = new Definitions(config, analyzer);
    TableStates states = new TableStates(connections, catalog, filler, tables);
    TableAttachment attachment =
        new TableAttachment(connections, catalog, definitions, preparation, filler, tables, states);
    FrontierCheck frontiers = new FrontierCheck(filler, tables, states);
    return new TableLifecycle(
        tables,
        definitions,
        states,
        attachment,
        new TableCreation(connections, definitions, preparation, filler, tables),
        new TableAlteration(
            connections, catalog, definitions, preparation, filler, tables, states, attachment),
        new TableRemoval(connections, preparation, filler, tables),
        frontiers,
        new TableRecovery(
            new SourceRecovery(definitions, preparation, filler, tables, states),
            frontiers,
            states),
        new Declarations(config, connections, catalog, definitions));
  }
}
