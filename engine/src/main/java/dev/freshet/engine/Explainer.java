package dev.freshet.engine;

import dev.freshet.cdc.server.Finding;
import dev.freshet.cdc.server.ReplicaIdentityAdmin;
import dev.freshet.engine.Explanation.Identity;
import dev.freshet.engine.Explanation.Upstream;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.analysis.IndexHints;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.analysis.SessionPins;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.CapturedSources;
import dev.freshet.engine.refresh.CapturedSources.Captured;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Explains a stream table by name, or any query. */
final class Explainer {
  private static final TableName UNNAMED = new TableName("public", "stream_table");

  private final Connection connection;
  private final QueryAnalyzer analyzer;
  private final Catalog catalog;
  private final Capture capture;

  Explainer(Connection connection, QueryAnalyzer analyzer, Catalog catalog, Capture capture) {
    this.connection = connection;
    this.analyzer = analyzer;
    this.catalog = catalog;
    this.capture = capture;
  }

  Explanation explain(String nameOrQuery) {
    try {
      Optional<StreamTable> table = named(nameOrQuery);
      TableName target = table.map(StreamTable::name).orElse(UNNAMED);
      Analysis analysis =
          analyzer.analyze(
              connection,
              table.map(StreamTable::query).orElse(nameOrQuery),
              table.map(StreamTable::pins).orElse(SessionPins.NONE));
      return new Explanation(
          target,
          analysis.compiled(),
          analysis.pinned(),
          identities(analysis),
          upstreams(analysis, new HashSet<>()),
          IndexHints.of(connection, analysis.compiled()),
          new ClockIndexes(connection).of(analysis.compiled().clockUses()));
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "explain");
    }
  }

  /** A text with a blank or a parenthesis is a query; anything else must be a stream table. */
  private Optional<StreamTable> named(String text) throws SQLException {
    if (text.strip().matches("(?s).*[\\s(].*")
        && text.strip().toLowerCase(Locale.ROOT).matches("(?s)(select|with|values|table|\\().*")) {
      return Optional.empty();
    }
    TableName name = Names.parse(text.strip());
    if (CatalogSchema.isInstalled(connection)) {
      Optional<StreamTable> found = catalog.find(connection, name);
      if (found.isPresent()) {
        return found;
      }
    }
    throw StreamTables.unknown(name);
  }

  private List<Upstream> upstreams(Analysis analysis, Set<TableName> open) throws SQLException {
    List<Upstream> upstreams = new ArrayList<>();
    for (SourceTable source : analysis.upstreamTables()) {
      upstreams.add(new Upstream(source.name(), levelOf(source.name(), open)));
    }
    return upstreams;
  }

  private int levelOf(TableName name, Set<TableName> open) throws SQLException {
    Optional<StreamTable> table = catalog.find(connection, name);
    if (table.isEmpty() || !open.add(name)) {
      return 0;
    }
    try {
      return upstreams(analyzer.analyze(connection, table.get().query(), table.get().pins()), open)
          .stream()
          .mapToInt(upstream -> upstream.level() + 1)
          .max()
          .orElse(0);
    } catch (FreshetException e) {
      return 0;
    } finally {
      open.remove(name);
    }
  }

  private List<Identity> identities(Analysis analysis) throws SQLException {
    ReplicaIdentityAdmin admin = new ReplicaIdentityAdmin(connection);
    List<Identity> identities = new ArrayList<>();
    for (Captured source : CapturedSources.of(analysis, capture)) {
      int oid = source.table().oid();
      if (!capture.readsLog()) {
        identities.add(
            new Identity(
                source.table().name(),
                source.table().replicaIdentity().name().toLowerCase(Locale.ROOT),
                "none",
                "triggers write complete old rows",
                ""));
        continue;
      }
      List<Finding> findings =
          source.needsOldValues()
              ? admin.checkFull(oid)
              : admin.checkKey(oid, source.table().primaryKey());
      identities.add(
          new Identity(
              source.table().name(),
              source.table().replicaIdentity().name().toLowerCase(Locale.ROOT),
              source.needsOldValues() ? "full" : "default",
              source.needsOldValues()
                  ? "the delta subtracts old values"
                  : "the primary key tells which rows changed",
              findings.stream()
                  .flatMap(finding -> finding.remedy().stream())
                  .reduce((a, b) -> a + "\n" + b)
                  .orElse("")));
    }
    return identities;
  }
}
