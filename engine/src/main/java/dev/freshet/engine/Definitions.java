package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.config.RefreshMode;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.analysis.IndexHints;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.analysis.SessionPins;
import dev.freshet.engine.analysis.Unreadable;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a query and its settings mean in this database, and whether they can be had. */
final class Definitions {
  private final FreshetConfig config;
  private final QueryAnalyzer analyzer;

  Definitions(FreshetConfig config, QueryAnalyzer analyzer) {
    this.config = config;
    this.analyzer = analyzer;
  }

  /**
   * On a connection of its own: names are resolved with the role's own search path.
   *
   * @throws FreshetException BAD_QUERY, UNSUPPORTED_QUERY, or MISSING_PRIVILEGE if a base table may
   *     not be read
   */
  Analysis analyze(String query) throws SQLException {
    return analyze(query, SessionPins.NONE);
  }

  /** As {@link #analyze}, under the settings that the stream table has. */
  Analysis analyze(StreamTable table) throws SQLException {
    return analyze(table.query(), table.pins());
  }

  /** As {@link #analyze}, under recorded settings if there are any. */
  Analysis analyze(String query, SessionPins pins) throws SQLException {
    try (Connection connection = Connections.open(config.database())) {
      Analysis analysis = analyzer.analyze(connection, query, pins);
      requireReadable(connection, analysis);
      return analysis;
    }
  }

  /** As {@link #analyze}, in the transaction of {@code connection}. */
  Analysis analyzeWithin(
      Connection connection, String query, RefreshOverrides overrides, SessionPins pins)
      throws SQLException {
    Analysis analysis = analyzer.analyzeWithin(connection, query, pins);
    requireReadable(connection, analysis);
    requireIncremental(analysis, overrides);
    return analysis;
  }

  private void requireReadable(Connection connection, Analysis analysis) throws SQLException {
    Optional<Unreadable> found = QueryAnalyzer.unreadable(connection, analysis.bases());
    if (found.isPresent()) {
      String user = config.database().user();
      throw FreshetException.of(
          Kind.MISSING_PRIVILEGE,
          found.get().problem("the role " + user),
          found.get().remedy(TableName.quote(user)));
    }
  }

  /** As {@link #analyze}, and refused if the settings demand more than the query can do. */
  Analysis analyze(String query, RefreshOverrides overrides, SessionPins pins) throws SQLException {
    Analysis analysis = analyze(query, pins);
    requireIncremental(analysis, overrides);
    return analysis;
  }

  private void requireIncremental(Analysis analysis, RefreshOverrides overrides) {
    boolean incremental = !analysis.compiled().deltaNeeds().isEmpty();
    if (settings(overrides).mode() == RefreshMode.INCREMENTAL && !incremental) {
      throw FreshetException.of(
          Kind.UNSUPPORTED_QUERY,
          "the query cannot be maintained incrementally: " + analysis.compiled().explain().reason(),
          "use mode auto, or change the query; freshet explain shows each operator");
    }
  }

  RefreshSettings settings(RefreshOverrides overrides) {
    return overrides.applyTo(config.refresh());
  }

  /** What the user should know about how a stream table is maintained. */
  static List<String> noticesOf(Connection connection, Maintained table) throws SQLException {
    List<String> notices = new ArrayList<>();
    var compiled = table.analysis().compiled();
    if (compiled.deltaNeeds().isEmpty()) {
      notices.add("refreshed in full: " + compiled.explain().reason());
      if (!table.changesAreAnnounced()) {
        notices.add("its changes are not captured, so every tick of its schedule evaluates it");
      }
    }
    IndexHints.of(connection, compiled).forEach(hint -> notices.add(hint.toString()));
    return notices;
  }
}
