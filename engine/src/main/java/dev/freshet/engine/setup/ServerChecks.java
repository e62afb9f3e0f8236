package dev.freshet.engine.setup;

import dev.freshet.config.FreshetConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server and a role must be like before anything can be created. Pure: facts in, checks out.
 */
final class ServerChecks {
  static final int OLDEST_MAJOR = 15;

  private final ServerFacts facts;
  private final FreshetConfig config;
  private final List<Check> checks = new ArrayList<>();

  private ServerChecks(ServerFacts facts, FreshetConfig config) {
    this.facts = facts;
    this.config = config;
  }

  /**
   * @param slotExists then no free slot is needed
   * @param slotActive then a walsender is in use by it already
   */
  static List<Check> of(
      ServerFacts facts, FreshetConfig config, boolean slotExists, boolean slotActive) {
    ServerChecks checks = new ServerChecks(facts, config);
    checks.version();
    checks.walLevel();
    if (facts.maxSlots() <= facts.slotsUsed() && !slotExists) {
      checks.noSlot();
    } else {
      checks.ok("replication slots", free(facts.maxSlots(), facts.slotsUsed()));
    }
    if (facts.maxSenders() <= facts.sendersUsed() && !slotActive) {
      checks.noSender();
    } else {
      checks.ok("walsenders", free(facts.maxSenders(), facts.sendersUsed()));
    }
    checks.replication();
    checks.createInPublic();
    return checks.checks;
  }

  private void version() {
    if (facts.major() < OLDEST_MAJOR) {
      fail(
          "server version",
          "PostgreSQL " + facts.version() + " is older than " + OLDEST_MAJOR,
          "upgrade the server to PostgreSQL 15, 16, 17 or 18");
    } else if (facts.inRecovery()) {
      fail(
          "server version",
          "PostgreSQL " + facts.version() + ", but the server is a standby: it takes no writes",
          "connect to the primary (database.host)");
    } else {
      ok("server version", "PostgreSQL " + facts.version());
    }
  }

  private void walLevel() {
    if (facts.walLevel().equals("logical")) {
      ok("wal_level", "logical");
    } else {
      fail(
          "wal_level",
          "is " + facts.walLevel() + ", must be logical",
          "ALTER SYSTEM SET wal_level = 'logical';   -- then restart the server\n"
              + managedParameters("rds.logical_replication = 1, or the provider's equal"));
    }
  }

  private void noSlot() {
    fail(
        "replication slots",
        "all " + facts.maxSlots() + " of max_replication_slots are in use",
        "drop one that nobody needs (SELECT * FROM pg_replication_slots), or\n"
            + "ALTER SYSTEM SET max_replication_slots = "
            + (facts.maxSlots() + 5)
            + ";   -- then restart the server");
  }

  private void noSender() {
    fail(
        "walsenders",
        "all " + facts.maxSenders() + " of max_wal_senders are in use",
        "ALTER SYSTEM SET max_wal_senders = "
            + (facts.maxSenders() + 5)
            + ";   -- then restart the server");
  }

  private void replication() {
    String role = Grants.identifier(config.database().user());
    if (facts.mayReplicate()) {
      ok("replication privilege", "role " + config.database().user() + " may replicate");
    } else {
      fail(
          "replication privilege",
          "role " + config.database().user() + " may not replicate",
          facts.managedByAmazon()
              ? "GRANT rds_replication TO " + role + ";"
              : "ALTER ROLE " + role + " REPLICATION;");
    }
  }

  private void createInPublic() {
    if (!facts.mayCreateInPublic()) {
      checks.add(
          Check.warn(
              "stream tables' schema",
              "role " + config.database().user() + " may not create tables in schema public",
              "GRANT CREATE ON SCHEMA public TO "
                  + Grants.identifier(config.database().user())
                  + ";   -- or create stream tables in another schema"));
    }
  }

  private static String managedParameters(String parameter) {
    return "-- on a managed server, its parameter group: " + parameter;
  }

  private static String free(int limit, int used) {
    return Math.max(0, limit - used) + " of " + limit + " free";
  }

  private void ok(String name, String detail) {
    checks.add(Check.ok(name, detail));
  }

  private void fail(String name, String detail, String remedy) {
    checks.add(Check.fail(name, detail, remedy));
  }
}
