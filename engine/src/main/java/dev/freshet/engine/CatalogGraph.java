package dev.freshet.engine;

import dev.freshet.config.RefreshSettings;
import dev.freshet.config.Schedule;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.EngineStatus.Place;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The graph as the catalog alone tells it: with its frontier a stream table stores which tables it
 * read, and which of them were stream tables. One that was never filled reads nothing yet.
 */
final class CatalogGraph {
  /** See {@code Opening}: a source that is a stream table is known by its oid. */
  private static final Pattern UPSTREAM = Pattern.compile("(\\d+):upstream");

  private static final String OIDS =
      """
      SELECT n.ord, to_regclass(n.name)::oid::int8
      FROM unnest(?::text[]) WITH ORDINALITY AS n(name, ord)
      WHERE to_regclass(n.name) IS NOT NULL
      """;

  private final Graph graph;
  private final Function<StreamTable, RefreshSettings> settings;

  private CatalogGraph(Graph graph, Function<StreamTable, RefreshSettings> settings) {
    this.graph = graph;
    this.settings = settings;
  }

  static CatalogGraph of(
      Connection connection,
      List<StreamTable> tables,
      Function<StreamTable, RefreshSettings> settings)
      throws SQLException {
    Map<Long, TableName> byOid = byOid(connection, tables);
    Map<TableName, List<TableName>> upstreams = new HashMap<>();
    for (StreamTable table : tables) {
      String sources = table.frontier().map(frontier -> frontier.sourceFiles()).orElse("");
      upstreams.put(
          table.name(),
          UPSTREAM
              .matcher(sources)
              .results()
              .map((MatchResult found) -> byOid.get(Long.parseLong(found.group(1))))
              .flatMap(name -> Optional.ofNullable(name).stream())
              .distinct()
              .toList());
    }
    return new CatalogGraph(Graph.ofCatalog(tables, upstreams), settings);
  }

  private static Map<Long, TableName> byOid(Connection connection, List<StreamTable> tables)
      throws SQLException {
    Map<Long, TableName> byOid = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(OIDS)) {
      statement.setArray(
          1,
          connection.createArrayOf(
              "text", tables.stream().map(table -> table.name().toString()).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          byOid.put(row.getLong(2), tables.get(row.getInt(1) - 1).name());
        }
      }
    }
    return byOid;
  }

  /** Why a stream table that could be refreshed would have to wait. */
  Optional<String> waiting(StreamTable table) {
    return table.state() == StreamTable.State.ACTIVE
        ? graph.waiting(table.name(), Set.of())
        : Optional.empty();
  }

  Place place(StreamTable table) {
    List<StreamTable> connected = graph.connectedWith(table.name());
    List<String> cadence = new ArrayList<>();
    for (StreamTable member : connected) {
      Schedule schedule = settings.apply(member).schedule();
      boolean ticks =
          !(schedule instanceof Schedule.Manual || schedule instanceof Schedule.Calculated);
      if (ticks
          && member.state() != StreamTable.State.PAUSED
          && !cadence.contains(schedule.toString())) {
        cadence.add(schedule.toString());
      }
    }
    return new Place(
        connected.getFirst().displayName(),
        graph.levelOf(table.name()),
        graph.upstreamsOf(table.name()).stream().map(Names::display).toList(),
        graph.dependentsOf(table.name()).stream().map(Names::display).toList(),
        cadence);
  }
}
