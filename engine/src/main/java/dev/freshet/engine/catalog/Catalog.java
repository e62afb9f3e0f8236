package dev.freshet.engine.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.analysis.SessionPins;
import dev.freshet.engine.control.Incident;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads and writes the catalog on connections that the caller owns; commits nothing. */
public final class Catalog {
  private static final TypeReference<Map<String, String>> SETTINGS = new TypeReference<>() {};

  /** A catalog of an older release may lack the columns of the last line. */
  private static final String SELECT =
      """
      SELECT s.id, s.schema_name, s.table_name, s.query, s.settings::text, s.state, s.state_reason,
             f.snapshot::text, f.lsn::text, f.source_files, f.valid, f.refreshed_at,
             coalesce(to_jsonb(s) ->> 'session', '{}'), coalesce(to_jsonb(f) ->> 'clock', '')
      FROM freshet.stream_table s LEFT JOIN freshet.frontier f ON f.stream_table_id = s.id
      """;

  private final ObjectMapper json;

  public Catalog(ObjectMapper json) {
    this.json = json;
  }

  public List<StreamTable> all(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(SELECT + " ORDER BY s.id")) {
      return read(statement);
    }
  }

  public Optional<StreamTable> find(Connection connection, TableName name) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(SELECT + " WHERE s.schema_name = ? AND s.table_name = ?")) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      return read(statement).stream().findFirst();
    }
  }

  private List<StreamTable> read(PreparedStatement statement) throws SQLException {
    List<StreamTable> found = new ArrayList<>();
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        found.add(
            new StreamTable(
                row.getLong(1),
                new TableName(row.getString(2), row.getString(3)),
                row.getString(4),
                RefreshOverrides.parse(json.readValue(row.getString(5), SETTINGS)),
                StreamTable.State.valueOf(row.getString(6).toUpperCase(Locale.ROOT)),
                row.getString(7),
                frontier(row),
                SessionPins.of(json.readValue(row.getString(13), SETTINGS))));
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("freshet.stream_table holds settings that are not JSON", e);
    }
    return found;
  }

  private static Optional<Frontier> frontier(ResultSet row) throws SQLException {
    String snapshot = row.getString(8);
    if (snapshot == null) {
      return Optional.empty();
    }
    return Optional.of(
        new Frontier(
            Snapshot.parse(snapshot),
            Lsn.parse(row.getString(9)),
            row.getString(10),
            row.getString(14),
            row.getBoolean(11),
            row.getTimestamp(12).toInstant()));
  }

  /** Inserts a stream table and returns its id. */
  public long insert(
      Connection connection,
      TableName name,
      String query,
      RefreshOverrides overrides,
      SessionPins pins)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO freshet.stream_table (schema_name, table_name, query, settings, session)
            VALUES (?, ?, ?, ?::jsonb, ?::jsonb) RETURNING id
            """)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.table());
      statement.setString(3, query);
      statement.setString(4, text(overrides.toMap()));
      statement.setString(5, text(pins.byName()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** Records the settings of a stream table that an older release created. */
  public void pin(Connection connection, long id, SessionPins pins) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE freshet.stream_table SET session = ?::jsonb WHERE id = ?")) {
      statement.setString(1, text(pins.byName()));
      statement.setLong(2, id);
      statement.executeUpdate();
    }
  }

  public void update(Connection connection, long id, String query, RefreshOverrides overrides)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE freshet.stream_table SET query = ?, settings = ?::jsonb, altered_at = now()
            WHERE id = ?
            """)) {
      statement.setString(1, query);
      statement.setString(2, text(overrides.toMap()));
      statement.setLong(3, id);
      statement.executeUpdate();
    }
  }

  /** Remembers that a file declares the stream table. */
  public void declare(Connection connection, long id, String file) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO freshet.declaration VALUES (?, ?)
            ON CONFLICT (stream_table_id) DO UPDATE SET file = excluded.file
            """)) {
      statement.setLong(1, id);
      statement.setString(2, file);
      statement.executeUpdate();
    }
  }

  /** The files of the stream tables that a file declared, by id. */
  public Map<Long, String> declarations(Connection connection) throws SQLException {
    Map<Long, String> files = new HashMap<>();
    if (!CatalogSchema.hasDeclarations(connection)) {
      return files;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT stream_table_id, file FROM freshet.declaration")) {
      while (row.next()) {
        files.put(row.getLong(1), row.getString(2));
      }
    }
    return files;
  }

  public void delete(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM freshet.stream_table WHERE id = ?")) {
      statement.setLong(1, id);
      statement.executeUpdate();
    }
  }

  public void setState(Connection connection, long id, StreamTable.State state, String reason)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE freshet.stream_table SET state = ?, state_reason = ? WHERE id = ?")) {
      statement.setString(1, state.label());
      statement.setString(2, reason);
      statement.setLong(3, id);
      statement.executeUpdate();
    }
  }

  /** Writes the first frontier of a stream table, or replaces one. */
  public void putFrontier(
      Connection connection, long id, Snapshot snapshot, Lsn lsn, String slot, String sourceFiles)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO freshet.frontier
              (stream_table_id, snapshot, lsn, slot, source_files, clock)
            VALUES (?, ?::pg_snapshot, ?::pg_lsn, ?, ?, now())
            ON CONFLICT (stream_table_id) DO UPDATE
              SET snapshot = excluded.snapshot, lsn = excluded.lsn, slot = excluded.slot,
                  source_files = excluded.source_files, clock = excluded.clock, valid = true, refreshed_at = now()
            """)) {
      statement.setLong(1, id);
      statement.setString(2, snapshot.toString());
      statement.setString(3, lsn.toString());
      statement.setString(4, slot);
      statement.setString(5, sourceFiles);
      statement.executeUpdate();
    }
  }

  /** Declares one frontier unusable: the next refresh is full. */
  public void invalidateFrontier(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE freshet.frontier SET valid = false WHERE stream_table_id = ?")) {
      statement.setLong(1, id);
      statement.executeUpdate();
    }
  }

  /**
   * Declares every frontier unusable, because changes after it may be lost; says why in {@code
   * freshet.meta}.
   *
   * @return the stream tables that concerns: their frontiers were good before
   */
  public Set<Long> invalidateFrontiers(Connection connection, String reason) throws SQLException {
    Set<Long> concerned = new LinkedHashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "UPDATE freshet.frontier SET valid = false WHERE valid RETURNING"
                    + " stream_table_id")) {
      while (row.next()) {
        concerned.add(row.getLong(1));
      }
    }
    if (!concerned.isEmpty()) {
      note(connection, "last_refill_reason", reason);
    }
    return concerned;
  }

  /** Nothing was lost for it after all; from now on its changes would come from there. */
  public void revalidateFrontier(Connection connection, long id, String origin)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE freshet.frontier SET valid = true, slot = ? WHERE stream_table_id = ?")) {
      statement.setString(1, origin);
      statement.setLong(2, id);
      statement.executeUpdate();
    }
  }

  public boolean hasStreamTables(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT EXISTS (SELECT FROM freshet.stream_table)")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** Remembers the last time that something had to be healed. */
  public void noteIncident(Connection connection, Incident incident) throws SQLException {
    note(connection, "last_incident", text(incident));
  }

  public Optional<Incident> lastIncident(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT value FROM freshet.meta WHERE key = 'last_incident'")) {
      return row.next()
          ? Optional.of(json.readValue(row.getString(1), Incident.class))
          : Optional.empty();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("freshet.meta holds an incident of another form", e);
    }
  }

  private static void note(Connection connection, String key, String value) throws SQLException {
    try (PreparedStatement note =
        connection.prepareStatement(
            """
            INSERT INTO freshet.meta VALUES (?, ?)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value
            """)) {
      note.setString(1, key);
      note.setString(2, value);
      note.executeUpdate();
    }
  }

  /** Appends reports and keeps only the newest {@code keep} of each stream table. */
  public void appendHistory(Connection connection, long id, List<RefreshReport> reports, int keep)
      throws SQLException {
    try (PreparedStatement insert =
            connection.prepareStatement(
                """
                INSERT INTO freshet.refresh_history (stream_table_id, report)
                SELECT id, ?::jsonb FROM freshet.stream_table WHERE id = ?
                """);
        PreparedStatement trim =
            connection.prepareStatement(
                """
                DELETE FROM freshet.refresh_history WHERE stream_table_id = ? AND id <=
                  (SELECT id FROM freshet.refresh_history WHERE stream_table_id = ?
                   ORDER BY id DESC OFFSET ? LIMIT 1)
                """)) {
      for (RefreshReport report : reports) {
        insert.setString(1, text(report));
        insert.setLong(2, id);
        insert.addBatch();
      }
      insert.executeBatch();
      trim.setLong(1, id);
      trim.setLong(2, id);
      trim.setInt(3, keep);
      trim.executeUpdate();
    }
  }

  /** The newest reports of a stream table, newest first. */
  public List<RefreshReport> history(Connection connection, long id, int limit)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT report::text FROM freshet.refresh_history WHERE stream_table_id = ?
            ORDER BY id DESC LIMIT ?
            """)) {
      statement.setLong(1, id);
      statement.setInt(2, limit);
      List<RefreshReport> reports = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          reports.add(json.readValue(row.getString(1), RefreshReport.class));
        }
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(
            "freshet.refresh_history holds a report of another form", e);
      }
      return reports;
    }
  }

  private String text(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write as JSON: " + value, e);
    }
  }
}
