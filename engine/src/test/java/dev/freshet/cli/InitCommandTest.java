package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class InitCommandTest {
  private Database database;

  @BeforeEach
  void createDatabase() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
  }

  @AfterEach
  void dropDatabase() throws SQLException {
    database.close();
  }

  @Test
  void createsSchemaPublicationAndSlotOnce() throws SQLException {
    CommandLineRun first = Setting.of(database).run("init");
    assertThat(first.err()).isEmpty();
    assertThat(first.out())
        .containsPattern("done +schema freshet +created")
        .containsPattern("done +publication freshet +created")
        .containsPattern("done +slot slot_\\w+ +created at ")
        .contains("Freshet is set up: freshet create NAME");
    assertThat(first.code()).isEqualTo(ExitCode.OK);
    assertThat(
            query(
                "SELECT plugin || ' ' || pubviaroot FROM pg_replication_slots, pg_publication"
                    + " WHERE slot_name = 'slot_"
                    + database.name()
                    + "'"))
        .isEqualTo("pgoutput true");

    CommandLineRun second = Setting.of(database).run("init");
    assertThat(second.out()).doesNotContain("done").endsWith("Freshet is set up; nothing to do.\n");
    assertThat(second.code()).isEqualTo(ExitCode.OK);
  }

  @ParameterizedTest
  @EnumSource
  void everyServerVersionCanBeSetUp(PgVersion version) throws SQLException {
    try (Database other = SharedServer.of(version).freshDatabase()) {
      assertThat(Setting.of(other).run("init").code()).isEqualTo(ExitCode.OK);
      assertThat(Setting.of(other).run("init", "--check").code()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void checkFindsAllThatIsMissingAndChangesNothing() throws SQLException {
    CommandLineRun run = Setting.of(database).run("init", "--check");
    assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(run.out())
        .containsPattern("FAIL +schema freshet +is missing")
        .containsPattern("FAIL +publication freshet +is missing")
        .containsPattern("FAIL +slot slot_\\w+ +is missing")
        .endsWith("3 things missing.\n");
    assertThat(query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    assertThat(query("SELECT to_regnamespace('freshet') IS NULL")).isEqualTo("t");
  }

  @Test
  void checkIsJsonForPrograms() {
    CommandLineRun run = Setting.of(database).run("init", "--check", "--json");
    assertThat(run.out()).contains("\"ready\" : false").contains("\"state\" : \"FAIL\"");
  }

  @Test
  void walLevelSlotsAndSendersAreToldTogether() throws SQLException {
    try (EmbeddedServer server =
            EmbeddedServer.builder(PgVersion.V18)
                .setting("wal_level", "replica")
                .setting("max_replication_slots", "0")
                .setting("max_wal_senders", "0")
                .start();
        Database poor = server.createDatabase("poor")) {
      CommandLineRun run = Setting.of(poor).run("init");
      assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
      assertThat(run.out())
          .containsPattern("FAIL +server +wal_level = replica: logical decoding needs 'logical'")
          .contains("ALTER SYSTEM SET wal_level = 'logical'; -- then restart the server")
          .containsPattern("FAIL +server +all 0 replication slots are taken")
          .contains("ALTER SYSTEM SET max_replication_slots = ")
          .containsPattern("FAIL +server +all 0 WAL senders are busy")
          .contains("ALTER SYSTEM SET max_wal_senders = ")
          .contains("6 things missing; mend this and run freshet init again.");
    }
  }

  @Test
  void missingPrivilegesAreToldTogetherWithTheirGrants() throws SQLException {
    String role = "clerk_" + database.name();
    database.execute("CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
    try {
      CommandLineRun run = Setting.empty().as(database, role, "x").run("init");
      assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
      assertThat(run.out())
          .contains("role \"" + role + "\" has neither REPLICATION nor a role that grants it")
          .contains("ALTER ROLE \"" + role + "\" REPLICATION;")
          .contains("GRANT CREATE ON DATABASE " + database.name() + " TO " + role + ";")
          .contains("GRANT CREATE ON SCHEMA public TO " + role + ";");
      assertThat(query("SELECT count(*) FROM pg_publication")).isEqualTo("0");
    } finally {
      database.execute("DROP ROLE " + role);
    }
  }

  @Test
  void roleWithThePrintedGrantsCanSetUp() throws SQLException {
    String role = "fresh_" + database.name();
    String script =
        Setting.empty()
            .as(database, role, "x")
            .run("init", "--print-grants")
            .out()
            .replaceAll("(?m)^\\\\password .*$", "ALTER ROLE " + role + " PASSWORD 'x';");
    try {
      database.execute(script);
      CommandLineRun run = Setting.empty().as(database, role, "x").run("init");
      assertThat(run.out()).contains("Freshet is set up").doesNotContain("FAIL");
      assertThat(run.code()).isEqualTo(ExitCode.OK);
    } finally {
      database.execute("DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role);
    }
  }

  /** No binaries of 14 are at hand: a role for which the server says that it is 14. */
  @Test
  void versionBelow15IsNamed() throws SQLException {
    String role = "ancient_" + database.name();
    database.execute(
        "CREATE SCHEMA ancient",
        """
        CREATE FUNCTION ancient.current_setting(text) RETURNS text LANGUAGE sql AS $$
          SELECT CASE $1 WHEN 'server_version_num' THEN '140019'
                         ELSE pg_catalog.current_setting($1) END $$\
        """,
        "CREATE ROLE " + role + " LOGIN REPLICATION",
        "ALTER ROLE " + role + " SET search_path = ancient, pg_catalog",
        "GRANT USAGE ON SCHEMA ancient TO " + role);
    try {
      CommandLineRun run = Setting.empty().as(database, role, "").run("init");
      assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
      assertThat(run.out())
          .containsPattern(
              "FAIL +server +the server is PostgreSQL 14.19: Freshet needs 15 or later")
          .endsWith("1 thing missing; mend this and run freshet init again.\n");
    } finally {
      database.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
    }
  }

  @Test
  void slotOfAnotherDatabaseIsRefused() throws SQLException {
    try (Database other = SharedServer.of(PgVersion.V18).freshDatabase()) {
      assertThat(Setting.of(other).run("init").code()).isEqualTo(ExitCode.OK);
      CommandLineRun run =
          Setting.of(database).with("FRESHET_CDC_SLOT_NAME", "slot_" + other.name()).run("init");
      assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
      assertThat(run.out())
          .contains("belongs to database " + other.name())
          .contains("SELECT pg_drop_replication_slot('slot_" + other.name() + "');");
    }
  }

  @Test
  void publicationThatLeavesChangesOutIsCorrected() throws SQLException {
    database.execute("CREATE PUBLICATION freshet WITH (publish = 'insert')");
    CommandLineRun check = Setting.of(database).run("init", "--check");
    assertThat(check.out())
        .contains("ALTER PUBLICATION \"freshet\" SET (publish_via_partition_root = true);")
        .contains("publication \"freshet\" leaves out update, delete, truncate")
        .contains(
            "ALTER PUBLICATION \"freshet\" SET (publish = 'insert, update, delete, truncate');");
    assertThat(Setting.of(database).run("init").code()).isEqualTo(ExitCode.OK);
    assertThat(query("SELECT pubdelete AND pubviaroot FROM pg_publication")).isEqualTo("t");
  }

  @Test
  void openWriterThatHoldsUpTheSlotIsNamed() throws SQLException {
    database.execute("CREATE TABLE t (i int)");
    try (Connection writer = database.connect();
        Statement statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("INSERT INTO t VALUES (1)");
      CommandLineRun run = Setting.of(database).run("init", "--set", "database.connect-timeout=1s");
      assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
      assertThat(run.out())
          .contains("cannot be created while transactions that have written are open: pid ")
          .contains("of postgres, idle in transaction since ");
      writer.rollback();
    }
  }

  @Test
  void unreachableServerIsNamedWithItsPort() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    CommandLineRun run = Setting.empty().run("init", "-h", "127.0.0.1", "-p", "" + port);
    assertThat(run.code()).isEqualTo(ExitCode.SERVER);
    assertThat(run.err())
        .startsWith("error: cannot connect to 127.0.0.1:" + port + ": connection refused\nhint: ")
        .contains("database.port (-p)")
        .doesNotContain("\tat ");
  }

  @Test
  void unknownHostIsNamed() {
    CommandLineRun run = Setting.empty().run("init", "-h", "no-such-host.invalid");
    assertThat(run.code()).isEqualTo(ExitCode.SERVER);
    assertThat(run.err())
        .isEqualTo(
            """
            error: cannot connect to no-such-host.invalid:5432: the host name cannot be resolved
            hint: check database.host (-h)
            """);
  }

  @Test
  void missingDatabaseIsNamed() {
    CommandLineRun run = Setting.of(database).run("init", "-d", "nowhere");
    assertThat(run.code()).isEqualTo(ExitCode.SERVER);
    assertThat(run.err()).startsWith("error: database \"nowhere\" does not exist at 127.0.0.1:");
  }

  @Test
  void wrongPasswordIsToldAndNotShown() throws SQLException {
    try (EmbeddedServer server =
            EmbeddedServer.builder(PgVersion.V18)
                .hba("host all clerk 127.0.0.1/32 scram-sha-256")
                .start();
        Database shop = server.createDatabase("shop")) {
      shop.execute("CREATE ROLE clerk LOGIN PASSWORD 'right'");
      CommandLineRun run = Setting.empty().as(shop, "clerk", "hunter2").run("init", "--debug");
      assertThat(run.code()).isEqualTo(ExitCode.SERVER);
      assertThat(run.err())
          .startsWith("error: wrong password for role \"clerk\" at 127.0.0.1:" + server.port())
          .contains("hint: check the password; give it in PGPASSWORD")
          .doesNotContain("hunter2");
    }
  }

  private String query(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
