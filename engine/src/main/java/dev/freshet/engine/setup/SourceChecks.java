package dev.freshet.engine.setup;

import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.Explanation;
import dev.freshet.engine.Explanation.Identity;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every source of every stream table: readable, published, and with the replica identity needed.
 */
final class SourceChecks {
  private static final String STATE =
      """
      SELECT c.oid::int8 AS relation, has_table_privilege(c.oid, 'SELECT') AS readable,
             row_security_active(c.oid) AS filtered,
             EXISTS (SELECT FROM pg_catalog.pg_publication_tables p
                       WHERE p.pubname = ? AND p.schemaname = n.nspname AND p.tablename = c.relname)
               OR EXISTS (SELECT FROM pg_catalog.pg_publication p
                            WHERE p.pubname = ? AND p.puballtables) AS published
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ? AND c.relname = ?\
      """;

  private SourceChecks() {}

  static List<Check> of(
      FreshetConfig config, Connection connection, EngineClient client, EngineStatus status)
      throws SQLException {
    List<Check> checks = new ArrayList<>();
    Map<TableName, Identity> sources = new TreeMap<>();
    for (StreamTableStatus streamTable : status.streamTables()) {
      try {
        Explanation explanation = client.explain(streamTable.name());
        explanation.identities().forEach(identity -> addStricter(sources, identity));
        explanation
            .missingIndexes()
            .forEach(
                hint ->
                    checks.add(
                        Check.warn(
                            "stream table " + streamTable.name(),
                            "an index is missing: " + hint.reason(),
                            hint.statement())));
      } catch (FreshetException e) {
        checks.add(
            Check.fail(
                "stream table " + streamTable.name(),
                "its query no longer compiles: " + e.getMessage(),
                e.remedy()));
      }
    }
    for (Identity identity : sources.values()) {
      checks.add(source(config, connection, identity));
    }
    return checks;
  }

  /** Of several stream tables' demands on one source, one that is not met. */
  private static void addStricter(Map<TableName, Identity> sources, Identity identity) {
    sources.merge(
        identity.source(), identity, (a, b) -> !a.sql().isEmpty() || b.sql().isEmpty() ? a : b);
  }

  private static Check triggers(String label, long relation, Connection connection)
      throws SQLException {
    return new TriggerAdmin(connection).isInstalled((int) relation, List.of())
        ? Check.ok(label, "readable, captured by triggers")
        : Check.fail(
            label,
            "its triggers are missing, disabled, or do not fire always",
            "an engine that runs puts them back and refills the stream tables that read it");
  }

  private static Check source(FreshetConfig config, Connection connection, Identity identity)
      throws SQLException {
    TableName name = identity.source();
    String display = Grants.identifier(name.schema()) + "." + Grants.identifier(name.table());
    String label = "source " + display;
    String publication = config.cdc().publicationName();
    try (PreparedStatement statement = connection.prepareStatement(STATE)) {
      statement.setString(1, publication);
      statement.setString(2, publication);
      statement.setString(3, name.schema());
      statement.setString(4, name.table());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Check.fail(label, "does not exist any more", "");
        }
        if (!row.getBoolean("readable")) {
          return Check.fail(
              label,
              "role " + config.database().user() + " may not read it",
              "GRANT SELECT ON "
                  + display
                  + " TO "
                  + Grants.identifier(config.database().user())
                  + ";");
        }
        if (row.getBoolean("filtered")) {
          return Check.fail(
              label,
              "row-level security may hide rows from role " + config.database().user(),
              "ALTER ROLE " + Grants.identifier(config.database().user()) + " BYPASSRLS;");
        }
        if (!config.cdc().mode().readsLog()) {
          return triggers(label, row.getLong("relation"), connection);
        }
        if (!identity.required().equals("none") && !row.getBoolean("published")) {
          return Check.fail(
              label,
              "is not in publication " + publication,
              "ALTER PUBLICATION "
                  + Grants.identifier(publication)
                  + " ADD TABLE "
                  + display
                  + ";");
        }
      }
    }
    if (!identity.sql().isEmpty()) {
      return Check.fail(
          label,
          "replica identity is "
              + identity.current()
              + ", must be "
              + identity.required()
              + ": "
              + identity.reason(),
          identity.sql());
    }
    return Check.ok(label, "readable, published, replica identity " + identity.current());
  }
}
