package dev.freshet.engine.setup;

import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.SlotAdmin.Slot;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.Connections;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.setup.Check.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sets Freshet up in a database: schema {@code freshet}, publication, replication slot.
 *
 * <p>The publication comes before the slot, because {@code pgoutput} looks it up as of the change
 * that it decodes. Nothing is created while anything that Freshet needs of the server is missing;
 * all that is missing is reported at once. Setting up twice changes nothing.
 */
public final class Setup {
  private final FreshetConfig config;
  private final Connection connection;
  private final boolean change;
  private final List<Check> checks = new ArrayList<>();

  private Setup(FreshetConfig config, Connection connection, boolean change) {
    this.config = config;
    this.connection = connection;
    this.change = change;
  }

  /**
   * Looks, and changes nothing; what {@link #init} would create counts as missing.
   *
   * @throws FreshetException if the server cannot be reached or does not let the role in
   */
  public static SetupReport check(FreshetConfig config) {
    return run(config, false);
  }

  /**
   * Looks and creates what is missing.
   *
   * @throws FreshetException if the server cannot be reached or does not let the role in
   */
  public static SetupReport init(FreshetConfig config) {
    return run(config, true);
  }

  private static SetupReport run(FreshetConfig config, boolean change) {
    try (Connection connection = Connections.open(config.database())) {
      return new Setup(config, connection, change).run();
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "check the server");
    }
  }

  private SetupReport run() throws SQLException {
    ServerFacts facts = ServerFacts.read(connection);
    String slotName = config.cdc().slotName();
    Optional<Slot> slot =
        facts.major() >= ServerChecks.OLDEST_MAJOR
            ? SlotAdmin.describe(connection, slotName)
            : Optional.empty();
    boolean slotActive = slot.map(found -> found.activePid().isPresent()).orElse(false);
    checks.addAll(ServerChecks.of(facts, config, slot.isPresent(), slotActive));
    if (isSound() && !slotActive) {
      replicationConnection();
    }
    boolean create = change && isSound();
    schema(facts, create);
    publication(facts, create);
    slot(slot, create && isSound());
    DatabaseConfig database = config.database();
    return new SetupReport(
        "%s at %s:%d as %s, PostgreSQL %s"
            .formatted(
                database.name(),
                database.host(),
                database.port(),
                database.user(),
                facts.version()),
        checks);
  }

  private boolean isSound() {
    return checks.stream().noneMatch(check -> check.state() == State.FAIL);
  }

  /** Only a try tells whether pg_hba.conf lets the role replicate. */
  private void replicationConnection() {
    try (Connection replication = Sessions.openReplication(config.database());
        Statement statement = replication.createStatement()) {
      statement.execute("IDENTIFY_SYSTEM");
      checks.add(Check.ok("replication connection", "accepted"));
    } catch (SQLException e) {
      FreshetException refusal = ServerErrors.connecting(e, config.database());
      checks.add(
          Check.fail(
              "replication connection", String.valueOf(refusal.getMessage()), refusal.remedy()));
    }
  }

  private void schema(ServerFacts facts, boolean create) throws SQLException {
    if (CatalogSchema.isInstalled(connection)) {
      checks.add(Check.ok("schema freshet", "installed"));
    } else if (!facts.mayCreateInDatabase()) {
      checks.add(
          Check.fail(
              "schema freshet",
              "is missing, and role " + config.database().user() + " may not create it",
              "GRANT CREATE ON DATABASE "
                  + Grants.identifier(config.database().name())
                  + " TO "
                  + Grants.identifier(config.database().user())
                  + ";"));
    } else if (create) {
      CatalogSchema.install(connection);
      checks.add(Check.done("schema freshet", "created"));
    } else {
      checks.add(missing("schema freshet"));
    }
  }

  private Check missing(String name) {
    return Check.fail(
        name,
        "is missing",
        change ? "freshet init creates it once the rest is in order" : "freshet init creates it");
  }

  private void publication(ServerFacts facts, boolean create) throws SQLException {
    String name = config.cdc().publicationName();
    String label = "publication " + name;
    Optional<Publication> found = Publication.find(connection, name);
    if (found.isPresent()) {
      existingPublication(label, found.get(), create);
    } else if (!config.cdc().managePublication()) {
      checks.add(
          Check.fail(
              label,
              "is missing, and cdc.manage-publication is off",
              Publication.createSql(name)
                  + "\n-- and add each source: ALTER PUBLICATION "
                  + Grants.identifier(name)
                  + " ADD TABLE <source>;"));
    } else if (!facts.mayCreateInDatabase()) {
      checks.add(
          Check.fail(
              label,
              "is missing, and role " + config.database().user() + " may not create it",
              "GRANT CREATE ON DATABASE "
                  + Grants.identifier(config.database().name())
                  + " TO "
                  + Grants.identifier(config.database().user())
                  + ";"));
    } else if (create) {
      execute(Publication.createSql(name));
      checks.add(Check.done(label, "created"));
    } else {
      checks.add(missing(label));
    }
  }

  private void existingPublication(String label, Publication found, boolean create)
      throws SQLException {
    Optional<String> repair = found.repairSql();
    if (repair.isPresent()) {
      if (create && found.owned() && config.cdc().managePublication()) {
        execute(repair.get());
        checks.add(Check.done(label, "corrected: " + repair.get()));
      } else {
        checks.add(Check.fail(label, "does not publish what Freshet needs", repair.get()));
      }
    } else if (config.cdc().managePublication() && !found.owned()) {
      checks.add(
          Check.fail(
              label,
              "belongs to " + found.owner() + ", so sources cannot be added to it",
              "ALTER PUBLICATION "
                  + Grants.identifier(found.name())
                  + " OWNER TO "
                  + Grants.identifier(config.database().user())
                  + ";   -- or cdc.manage-publication: false"));
    } else if (found.allTables()) {
      checks.add(
          Check.warn(
              label,
              "publishes all tables: UPDATE and DELETE fail on those without a key",
              "a publication for Freshet alone: cdc.publication-name"));
    } else {
      checks.add(Check.ok(label, "exists"));
    }
  }

  private void slot(Optional<Slot> slot, boolean create) throws SQLException {
    String label = "slot " + config.cdc().slotName();
    if (slot.isPresent()) {
      checks.add(SlotChecks.of(label, slot.get(), config, connection));
    } else if (create) {
      checks.add(SlotChecks.create(label, config, connection));
    } else {
      checks.add(missing(label));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
