package dev.freshet.engine;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.analysis.SessionPins;
import dev.freshet.engine.refresh.AppliedTriggers;
import dev.freshet.engine.refresh.Filler;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** How a stream table comes: sources prepared, table filled from a snapshot, then maintained. */
final class TableCreation {
  private final DataSource connections;
  private final Definitions definitions;
  private final SourcePreparation preparation;
  private final Filler filler;
  private final StreamTables tables;

  TableCreation(
      DataSource connections,
      Definitions definitions,
      SourcePreparation preparation,
      Filler filler,
      StreamTables tables) {
    this.connections = connections;
    this.definitions = definitions;
    this.preparation = preparation;
    this.filler = filler;
    this.tables = tables;
  }

  /** A new stream table and what the user should know about it. */
  record Added(Maintained table, double milliseconds, List<String> notices) {}

  /**
   * @param refreshes where the stream tables that it reads are refreshed to the cut of its fill
   * @throws FreshetException NAME_TAKEN and everything that analysis and preparation throw
   */
  Added create(TableName name, String query, RefreshOverrides overrides, RefreshService refreshes)
      throws SQLException, InterruptedException {
    long begin = System.nanoTime();
    filler.requireFree(name);
    Analysis first = definitions.analyze(query, overrides, SessionPins.NONE);
    List<String> notices = new ArrayList<>(preparation.prepare(first));
    Analysis analysis = definitions.analyze(query);
    RefreshSettings settings = definitions.settings(overrides);
    if (analysis.upstreams().isEmpty()) {
      tables.add(filler.create(name, query, overrides, settings, analysis, Optional.empty()));
    } else {
      refreshes.inCompany(
          upstreams(analysis),
          Optional.empty(),
          company -> {
            installTriggers(analysis);
            tables.add(
                filler.create(name, query, overrides, settings, analysis, Optional.of(company)));
          });
    }
    Maintained created = tables.find(name).orElseThrow(() -> StreamTables.unknown(name));
    try (Connection connection = connections.getConnection()) {
      notices.addAll(Definitions.noticesOf(connection, created));
    }
    return new Added(created, (System.nanoTime() - begin) / 1e6, notices);
  }

  /** The stream tables that a query reads; one that is broken cannot be. */
  private List<Maintained> upstreams(Analysis analysis) {
    List<Maintained> upstreams = new ArrayList<>();
    for (SourceTable source : analysis.upstreamTables()) {
      upstreams.add(
          tables
              .find(source.name())
              .orElseThrow(
                  () ->
                      FreshetException.of(
                          FreshetException.Kind.BUSY,
                          "the query reads %s, which has failed"
                              .formatted(Names.display(source.name())),
                          "put that right first: freshet status " + Names.display(source.name()))));
    }
    return upstreams;
  }

  private void installTriggers(Analysis analysis) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      for (SourceTable upstream : analysis.upstreamTables()) {
        AppliedTriggers.install(connection, upstream.name());
      }
    }
  }
}
