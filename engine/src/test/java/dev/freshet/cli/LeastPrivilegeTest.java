package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A role made by exactly what {@code init --print-grants} prints does all of Freshet's work, in a
 * database that gives nothing away to PUBLIC; and each of the grants is needed.
 */
class LeastPrivilegeTest {
  private static final String BY_REGION =
      "SELECT region, count(*) AS n, sum(amount) AS total FROM shop.orders GROUP BY region";

  @TempDir Path directory;

  private Database database;
  private String role;
  private String owner;
  private Setting shell;

  private void make(PgVersion version, boolean manage) throws SQLException, IOException {
    database = SharedServer.of(version).freshDatabase();
    role = "worker_" + database.name();
    owner = "owner_" + database.name();
    database.execute(
        "REVOKE ALL ON DATABASE " + database.name() + " FROM PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "CREATE ROLE " + owner,
        "CREATE SCHEMA shop AUTHORIZATION " + owner,
        "CREATE SCHEMA live",
        "CREATE TABLE shop.orders (id int PRIMARY KEY, region text NOT NULL, amount int NOT NULL)",
        "CREATE TABLE shop.regions (region text PRIMARY KEY, manager text)",
        "INSERT INTO shop.orders SELECT i, 'r' || i % 3, i FROM generate_series(1, 99) i",
        "INSERT INTO shop.regions VALUES ('r0', 'Ann'), ('r1', 'Bob'), ('r2', 'Eve')",
        "ALTER TABLE shop.orders OWNER TO " + owner,
        "ALTER TABLE shop.regions OWNER TO " + owner);
    Path file =
        Files.writeString(
            directory.resolve("freshet.yaml"),
            """
            cdc:
              manage-publication: %1$s
              manage-replica-identity: %1$s
            stream-tables:
              - name: live.by_region
                query: %2$s
              - name: live.managers
                query: >-
                  SELECT m.region, m.manager, b.total
                  FROM shop.regions m JOIN live.by_region b ON b.region = m.region
            """
                .formatted(manage, BY_REGION));
    shell = Setting.empty().as(database, role, "x").with("FRESHET_CONFIG", file.toString());
  }

  private List<String> grants() {
    String script = shell.run("init", "--print-grants").out();
    return Arrays.stream(
            script
                .replaceAll("(?m)^\\\\password .*$", "ALTER ROLE " + role + " PASSWORD 'x';")
                .replaceAll("(?m)^--.*$", "")
                .split("(?<=;)\\R(?=\\s*(?:[A-Z]|$))"))
        .map(String::strip)
        .filter(statement -> !statement.isEmpty())
        .toList();
  }

  @AfterEach
  void drop() throws SQLException {
    database.execute(
        "DROP OWNED BY " + role + ", " + owner + " CASCADE", "DROP ROLE " + role + ", " + owner);
    database.close();
  }

  @ParameterizedTest
  @CsvSource({"V15, true", "V15, false", "V18, true", "V18, false"})
  void everythingWorksUnderTheRole(PgVersion version, boolean manage) throws Exception {
    make(version, manage);
    database.execute(grants().toArray(String[]::new));
    if (!manage) {
      database.execute(
          "ALTER TABLE shop.orders REPLICA IDENTITY FULL",
          "ALTER TABLE shop.regions REPLICA IDENTITY FULL");
    }
    ok("init");
    ok("init", "--check");
    ok("apply");
    ok("create", "live.large", "--query", "SELECT id, amount FROM shop.orders WHERE amount > 50");
    change("UPDATE shop.orders SET amount = 100 WHERE id = 1");
    ok("refresh", "live.by_region", "live.large");
    ok("alter", "live.large", "--query", "SELECT id, amount, region FROM shop.orders");
    ok("alter", "live.large", "--schedule", "50ms");
    ok("explain", "live.by_region");
    ok("list");
    assertThat(ok("audit").out()).endsWith("AUDIT OK 3/3\n");
    assertThat(ok("status").out()).contains("live.managers");
    try (RunningEngine second = serving()) {
      second.awaitService();
      change("DELETE FROM shop.orders WHERE id = 2");
      assertThat(ok("audit").out()).endsWith("AUDIT OK 3/3\n");
      assertThat(ok("doctor").out()).doesNotContain("FAIL");
      ok("pause", "live.large");
      ok("resume", "live.large");
      ok("drop", "live.large");
    }
    ok("drop", "live.by_region", "--cascade");
  }

  /** A stand-by that has taken over from the engine that served first. */
  private RunningEngine serving() {
    try (RunningEngine first = RunningEngine.start(shell)) {
      RunningEngine second = RunningEngine.standBy(shell);
      assertThat(first.get("/health").body()).contains("healthy");
      return second;
    }
  }

  private void change(String statement) throws SQLException {
    database.execute("SET ROLE " + owner + "; " + statement);
  }

  private CommandLineRun ok(String... command) {
    CommandLineRun run = shell.run(command);
    assertThat(run.code()).as(String.join(" ", command) + ": " + run.out() + run.err()).isZero();
    return run;
  }

  @ParameterizedTest
  @CsvSource({"V15, true", "V15, false", "V18, true", "V18, false"})
  void eachGrantThatIsMissingIsNamed(PgVersion version, boolean manage) throws Exception {
    make(version, manage);
    String schema = "CREATE SCHEMA freshet AUTHORIZATION " + role + ";";
    List<String> grants = grants();
    database.execute(grants.stream().filter(s -> !s.equals(schema)).toArray(String[]::new));
    if (!manage) {
      assertThat(grants).contains(schema);
      named(schema, "init");
      database.execute(schema);
    }
    String on = " ON DATABASE " + database.name();
    without(
        "ALTER ROLE " + role + " NOREPLICATION",
        "ALTER ROLE %s REPLICATION",
        "REPLICATION;",
        "init");
    withoutGrant("CONNECT" + on, "GRANT CONNECT, CREATE" + on, "init");
    if (manage) {
      withoutGrant("CREATE" + on, "GRANT CREATE" + on, "init");
    } else {
      without(
          "ALTER PUBLICATION freshet RENAME TO away",
          "ALTER PUBLICATION away RENAME TO freshet",
          "CREATE PUBLICATION \"freshet\" WITH (publish_via_partition_root = true)",
          "init");
    }
    ok("init");
    String[] create = {"create", "live.by_region", "--query", BY_REGION};
    if (!manage) {
      named("ALTER TABLE \"shop\".\"orders\" REPLICA IDENTITY FULL;", create);
      database.execute("ALTER TABLE shop.orders REPLICA IDENTITY FULL");
    }
    withoutGrant("TEMPORARY" + on, "GRANT TEMPORARY" + on + " TO " + role, create);
    withoutGrant("CREATE ON SCHEMA live", "GRANT USAGE, CREATE ON SCHEMA live TO " + role, create);
    withoutGrant("USAGE ON SCHEMA live", "GRANT USAGE, CREATE ON SCHEMA live TO " + role, create);
    if (manage) {
      database.execute(
          "GRANT USAGE ON SCHEMA shop TO " + role, "GRANT SELECT ON shop.orders TO " + role);
      without(
          "REVOKE " + owner + " FROM " + role,
          "GRANT " + owner + " TO " + role,
          "GRANT <owner of table orders> TO " + role,
          create);
    } else {
      withoutGrant("USAGE ON SCHEMA shop", "GRANT USAGE ON SCHEMA shop TO " + role, create);
      withoutGrant(
          "SELECT ON shop.orders",
          "GRANT SELECT ON \"shop\".\"orders\" TO \"" + role + "\"",
          create);
      without(
          "ALTER PUBLICATION freshet DROP TABLE shop.orders",
          "ALTER PUBLICATION freshet ADD TABLE shop.orders",
          "ALTER PUBLICATION \"freshet\" ADD TABLE \"shop\".\"orders\";",
          create);
    }
    ok(create);
  }

  private void withoutGrant(String privilege, String remedy, String... command)
      throws SQLException {
    without(
        "REVOKE " + privilege + " FROM " + role,
        "GRANT " + privilege + " TO " + role,
        remedy,
        command);
  }

  private void without(String take, String give, String remedy, String... command)
      throws SQLException {
    database.execute(take);
    named(remedy, command);
    database.execute(give.formatted(role));
  }

  private void named(String remedy, String... command) {
    CommandLineRun run = shell.run(command);
    assertThat(run.code()).as(remedy).isNotZero();
    assertThat(run.out() + run.err()).contains(remedy);
  }
}
