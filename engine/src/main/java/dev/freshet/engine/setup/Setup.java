package dev.freshet.engine.setup;

import dev.freshet.cdc.server.Finding;
import dev.freshet.cdc.server.PublicationAdmin;
import dev.freshet.cdc.server.PublicationAdmin.Publication;
import dev.freshet.cdc.server.ServerCheck;
import dev.freshet.cdc.server.SlotAdmin;
import dev.freshet.cdc.server.SlotAdmin.Slot;
import dev.freshet.config.DatabaseConfig;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.CaptureModes;
import dev.freshet.engine.Connections;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.Route;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.setup.Check.State;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sets Freshet up in a database: schema {@code freshet}, publication, replication slot.
 *
 * <p>The publication comes before the slot, because {@code pgoutput} looks it up as of the change
 * that it decodes. Nothing is created while anything that Freshet needs of the server is missing;
 * all that is missing is reported at once. Setting up twice changes nothing.
 */
public final class Setup {
  static final int OLDEST_MAJOR = 15;

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

  private static SetupReport run(FreshetConfig given, boolean change) {
    FreshetConfig config = CaptureModes.resolve(given);
    try (Connection connection = Connections.open(config.database())) {
      return new Setup(config, connection, change).run();
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "check the server");
    }
  }

  private SetupReport run() throws SQLException {
    boolean readsLog = config.cdc().mode().readsLog();
    ServerCheck.Report server =
        readsLog
            ? ServerCheck.run(connection, config.cdc().slotName())
            : ServerCheck.withoutLog(connection);
    server(server, readsLog);
    pooler();
    if (server.majorVersion() < OLDEST_MAJOR) {
      return new SetupReport(title(), checks); // Its catalogs lack what the rest asks for.
    }
    Optional<Slot> slot = SlotAdmin.describe(connection, config.cdc().slotName());
    boolean idle = slot.map(found -> found.activePid().isEmpty()).orElse(true);
    if (readsLog && isSound() && idle) {
      replicationConnection();
    }
    RoleRights rights = RoleRights.read(connection, config.cdc().publicationName());
    streamTablesSchema(rights);
    boolean create = change && isSound();
    schema(rights, create);
    if (readsLog) {
      publication(rights, create);
      slot(slot, create && isSound());
    } else if (slot.isPresent()) {
      checks.add(SlotChecks.unneeded(slot.get()));
    }
    return new SetupReport(title(), checks);
  }

  private String title() throws SQLException {
    DatabaseConfig database = config.database();
    return "%s at %s as %s, PostgreSQL %s"
        .formatted(
            database.name(),
            database.address(),
            database.user(),
            connection.getMetaData().getDatabaseProductVersion());
  }

  private boolean isSound() {
    return checks.stream().noneMatch(check -> check.state() == State.FAIL);
  }

  private void server(ServerCheck.Report server, boolean readsLog) throws SQLException {
    for (Finding finding : server.findings()) {
      checks.add(Check.fail("server", finding));
    }
    if (server.findings().isEmpty()) {
      checks.add(Check.ok("version", connection.getMetaData().getDatabaseProductVersion()));
      if (!readsLog) {
        checks.add(
            Check.ok("capture", "by triggers: wal_level = " + server.walLevel() + " is enough"));
        return;
      }
      checks.add(Check.ok("wal_level", server.walLevel()));
      checks.add(
          Check.ok(
              "replication slots",
              free(server.maxReplicationSlots(), server.usedReplicationSlots())));
      checks.add(Check.ok("walsenders", free(server.maxWalSenders(), server.usedWalSenders())));
      checks.add(Check.ok("replication privilege", "role " + server.role() + " may replicate"));
    }
  }

  private static String free(int limit, int used) {
    return Math.max(0, limit - used) + " of " + limit + " free";
  }

  /** Says nothing where there is none. */
  private void pooler() {
    try {
      Route route = Route.find(config);
      if (!route.told().isEmpty()) {
        checks.add(Check.ok("pooler", route.told()));
      }
    } catch (FreshetException e) {
      checks.add(Check.fail("pooler", String.valueOf(e.getMessage()), e.remedy()));
    }
  }

  /** Only a try tells whether pg_hba.conf lets the role replicate. */
  private void replicationConnection() {
    try (Connection replication = Sessions.openReplication(config.database().forSessions());
        Statement statement = replication.createStatement()) {
      statement.execute("IDENTIFY_SYSTEM");
      checks.add(Check.ok("replication connection", "accepted"));
    } catch (SQLException e) {
      FreshetException refusal = ServerErrors.connecting(e, config.database().forSessions());
      checks.add(
          Check.fail(
              "replication connection", String.valueOf(refusal.getMessage()), refusal.remedy()));
    }
  }

  private void streamTablesSchema(RoleRights rights) {
    if (!rights.mayCreateInPublic()) {
      checks.add(
          Check.warn(
              "stream tables",
              "role " + config.database().user() + " may not create tables in schema public",
              "GRANT CREATE ON SCHEMA public TO " + role() + ";   -- or use another schema"));
    }
  }

  private void schema(RoleRights rights, boolean create) throws SQLException {
    String label = "schema freshet";
    if (CatalogSchema.isInstalled(connection)) {
      checks.add(Check.ok(label, "installed"));
    } else if (!rights.mayCreateCatalog()) {
      checks.add(
          Check.fail(
              label,
              "is missing, and role " + config.database().user() + " may not create it",
              "CREATE SCHEMA freshet AUTHORIZATION " + role() + ";"));
    } else if (create) {
      CatalogSchema.install(connection);
      checks.add(Check.done(label, "created"));
    } else {
      checks.add(missing(label));
    }
  }

  private Check mayNotCreate(String label) {
    return Check.fail(
        label,
        "is missing, and role " + config.database().user() + " may not create it",
        "GRANT CREATE ON DATABASE "
            + Grants.identifier(config.database().name())
            + " TO "
            + role()
            + ";");
  }

  private Check missing(String label) {
    return Check.fail(
        label,
        "is missing",
        change ? "freshet init creates it once the rest is in order" : "freshet init creates it");
  }

  private void publication(RoleRights rights, boolean create) throws SQLException {
    String name = config.cdc().publicationName();
    String label = "publication " + name;
    PublicationAdmin admin = new PublicationAdmin(connection, name);
    Optional<Publication> found = admin.describe();
    if (found.isPresent()) {
      existingPublication(label, admin, found.get(), rights, create);
    } else if (!config.cdc().managePublication()) {
      checks.add(
          Check.fail(
              label,
              "is missing, and cdc.manage-publication is off",
              admin.createSql(List.of())
                  + ";\n-- and for each source: ALTER PUBLICATION "
                  + Grants.identifier(name)
                  + " ADD TABLE <source>;"));
    } else if (!rights.mayCreateInDatabase()) {
      checks.add(mayNotCreate(label));
    } else if (create) {
      admin.create(List.of());
      checks.add(Check.done(label, "created"));
    } else {
      checks.add(missing(label));
    }
  }

  private void existingPublication(
      String label,
      PublicationAdmin admin,
      Publication publication,
      RoleRights rights,
      boolean create)
      throws SQLException {
    List<Finding> findings = admin.check(Map.of());
    boolean managed = config.cdc().managePublication();
    if (managed && !rights.ownsPublication()) {
      checks.add(
          Check.fail(
              label,
              "belongs to " + rights.publicationOwner() + ", so sources cannot be added to it",
              "ALTER PUBLICATION "
                  + Grants.identifier(publication.name())
                  + " OWNER TO "
                  + role()
                  + ";   -- or cdc.manage-publication: false"));
    }
    for (Finding finding : findings) {
      if (create && managed && rights.ownsPublication()) {
        try (Statement statement = connection.createStatement()) {
          statement.execute(String.join("\n", finding.remedy()));
        }
        checks.add(Check.done(label, "corrected: " + finding.problem()));
      } else {
        checks.add(Check.fail(label, finding));
      }
    }
    if (publication.allTables()) {
      checks.add(
          Check.warn(
              label,
              "publishes all tables: UPDATE and DELETE fail on those without a key",
              "give Freshet a publication of its own: cdc.publication-name"));
    } else if (findings.isEmpty() && (rights.ownsPublication() || !managed)) {
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

  private String role() {
    return Grants.identifier(config.database().user());
  }
}
