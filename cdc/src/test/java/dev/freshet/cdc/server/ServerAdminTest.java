package dev.freshet.cdc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.cdc.pgoutput.RelationSchema.Identity;
import dev.freshet.cdc.wal.ReplicationConnections;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ServerAdminTest {
  private static final Duration SHORT = Duration.ofMillis(50);

  private static int oid(Connection connection, String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT '" + table + "'::regclass::oid::int8")) {
      row.next();
      return (int) row.getLong(1);
    }
  }

  private static TableName table(String name) {
    return new TableName("public", name);
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void createsDescribesAndDropsASlot(PgVersion version) throws Exception {
    String name = "admin_" + ProcessHandle.current().pid();
    try (Database database = SharedServer.of(version).freshDatabase();
        Connection connection = database.connect();
        Connection replication =
            ReplicationConnections.of(database.jdbcUrl(), new Properties()).open()) {
      assertThat(SlotAdmin.describe(connection, name)).isEmpty();
      SlotAdmin.Created created =
          SlotAdmin.create(replication, name, SlotAdmin.SnapshotUse.EXPORT, true);
      assertThat(created.exportedSnapshot()).isPresent();
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '"
                + created.exportedSnapshot().get()
                + "'; SELECT 1; COMMIT");
      }
      SlotAdmin.Slot slot = SlotAdmin.describe(connection, name).orElseThrow();
      assertThat(slot.plugin()).isEqualTo("pgoutput");
      assertThat(slot.database()).isEqualTo(database.name());
      assertThat(slot.confirmed()).contains(created.consistentPoint());
      assertThat(slot.retainedBytes()).isPresent();
      assertThat(slot.invalidation()).isEmpty();
      assertThat(slot.failover()).isEqualTo(version.compareTo(PgVersion.V17) >= 0);
      assertThat(SlotAdmin.drop(connection, name)).isTrue();
      assertThat(SlotAdmin.drop(connection, name)).isFalse();
    }
  }

  @Test
  void refusesASlotNameThatPostgresWould() {
    assertThatThrownBy(() -> SlotAdmin.checkName("My-Slot"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'My-Slot'");
  }

  @Test
  void findsWhatAPublicationHides() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect()) {
      database.execute(
          "CREATE TABLE a (id int PRIMARY KEY)",
          "CREATE TABLE \"B b\" (id int PRIMARY KEY, v int)",
          "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id)",
          "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
          "CREATE PUBLICATION pub FOR TABLE \"B b\" WHERE (id > 1) WITH (publish = 'insert')");
      PublicationAdmin admin = new PublicationAdmin(connection, "pub");
      Map<Integer, TableName> needed =
          Map.of(oid(connection, "a"), table("a"), oid(connection, "\"B b\""), table("B b"));
      assertThat(admin.check(needed).stream().map(Finding::problem))
          .anySatisfy(problem -> assertThat(problem).contains("publish_via_partition_root"))
          .anySatisfy(problem -> assertThat(problem).contains("update, delete, truncate"))
          .anySatisfy(problem -> assertThat(problem).contains("does not publish public.a"))
          .anySatisfy(problem -> assertThat(problem).contains("row filter").contains("B b"));

      for (Finding finding : admin.check(needed)) {
        database.execute(finding.remedy().toArray(new String[0]));
      }
      assertThat(admin.check(needed)).as("the remedies heal it").isEmpty();

      admin.add(List.of(table("p")));
      assertThat(admin.check(Map.of(oid(connection, "p1"), table("p1"))))
          .singleElement()
          .satisfies(finding -> assertThat(finding.problem()).contains("its root public.p"));
      admin.drop(List.of(table("p")));
      assertThat(admin.describe().orElseThrow().tables()).hasSize(2);
      assertThat(new PublicationAdmin(connection, "none").check(needed))
          .singleElement()
          .satisfies(finding -> assertThat(finding.problem()).contains("does not exist"));
    }
  }

  @Test
  void judgesReplicaIdentities() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect()) {
      database.execute(
          "CREATE TABLE keyed (id int PRIMARY KEY, u int NOT NULL UNIQUE)",
          "CREATE TABLE late (id int PRIMARY KEY DEFERRABLE)",
          "CREATE TABLE bare (v int)",
          "CREATE TABLE indexed (id int PRIMARY KEY, u int NOT NULL CONSTRAINT iu UNIQUE)",
          "ALTER TABLE indexed REPLICA IDENTITY USING INDEX iu");
      ReplicaIdentityAdmin admin = new ReplicaIdentityAdmin(connection);
      assertThat(admin.checkKey(oid(connection, "keyed"), List.of("id"))).isEmpty();
      assertThat(admin.checkFull(oid(connection, "keyed"))).hasSize(1);
      assertThat(admin.checkKey(oid(connection, "indexed"), List.of("id"))).hasSize(1);
      assertThat(admin.describe(oid(connection, "indexed")).getFirst().columns())
          .containsExactly("u");
      for (String table : List.of("late", "bare")) {
        assertThat(admin.describe(oid(connection, table)).getFirst().blocksWriters())
            .as(table)
            .isTrue();
      }
      assertThat(admin.setFull(oid(connection, "bare"), SHORT, 1))
          .isEqualTo(new ReplicaIdentityAdmin.Outcome.Done(List.of(table("bare"))));
      assertThat(admin.checkFull(oid(connection, "bare"))).isEmpty();
    }
  }

  @Test
  void setsTheIdentityOfEveryPartition() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect()) {
      database.execute(
          "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id)",
          "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
          "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20)",
          "ALTER TABLE p REPLICA IDENTITY FULL");
      ReplicaIdentityAdmin admin = new ReplicaIdentityAdmin(connection);
      int root = oid(connection, "p");
      assertThat(admin.checkFull(root)).as("the root's setting reaches no partition").hasSize(2);
      admin.setFull(root, SHORT, 1);
      assertThat(admin.describe(root))
          .extracting(ReplicaIdentityAdmin.TableIdentity::identity)
          .containsOnly(Identity.FULL);
    }
  }

  @Test
  void lockHeldElsewhereIsReportedNotQueuedFor() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect();
        Connection other = database.connect();
        Statement holder = other.createStatement()) {
      database.execute("CREATE TABLE t (id int PRIMARY KEY)");
      holder.execute("BEGIN; SELECT * FROM t");
      ReplicaIdentityAdmin.Outcome outcome =
          new ReplicaIdentityAdmin(connection).setFull(oid(connection, "t"), SHORT, 2);
      assertThat(outcome)
          .isInstanceOfSatisfying(
              ReplicaIdentityAdmin.Outcome.Locked.class,
              locked -> assertThat(locked.holders()).hasSize(1));
    }
  }

  @Test
  void waitsForTransactionsThatWereRunning() throws Exception {
    // A server of its own: running transactions are counted per cluster.
    try (EmbeddedServer server = EmbeddedServer.start18();
        Database database = server.freshDatabase();
        Connection connection = database.connect();
        Connection other = database.connect();
        Statement holder = other.createStatement()) {
      database.execute("CREATE TABLE t (id int)");
      holder.execute("BEGIN; INSERT INTO t VALUES (1)");
      OlderTransactions older = OlderTransactions.runningNow(connection);
      assertThat(older.await(SHORT).orElseThrow().description())
          .contains("server process")
          .contains("idle in transaction");
      assertThat(OlderTransactions.lockOut(connection, List.of(table("t")), SHORT)).isFalse();
      holder.execute("PREPARE TRANSACTION 'waiting'");
      assertThat(older.await(SHORT).orElseThrow().description()).contains("'waiting'");
      holder.execute("COMMIT PREPARED 'waiting'");
      assertThat(older.await(Duration.ofSeconds(10))).isEmpty();
      assertThat(OlderTransactions.lockOut(connection, List.of(table("t")), SHORT)).isTrue();
    }
  }

  @Test
  void reportsWhatAServerLacks() throws Exception {
    try (EmbeddedServer server =
            EmbeddedServer.builder(PgVersion.V18)
                .setting("wal_level", "replica")
                .setting("max_replication_slots", "0")
                .start();
        Database database = server.freshDatabase()) {
      database.execute("CREATE ROLE plain LOGIN");
      try (Connection connection = server.connect(database.name(), "plain", "")) {
        ServerCheck.Report report = ServerCheck.run(connection, "freshet");
        assertThat(report.majorVersion()).isEqualTo(18);
        assertThat(report.mayReplicate()).isFalse();
        assertThat(report.findings().stream().map(Finding::problem))
            .anySatisfy(problem -> assertThat(problem).contains("wal_level = replica"))
            .anySatisfy(problem -> assertThat(problem).contains("max_replication_slots"))
            .anySatisfy(problem -> assertThat(problem).contains("REPLICATION"));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void findsNothingWrongWithAGoodServer(PgVersion version) throws Exception {
    try (Connection connection = SharedServer.of(version).connect("postgres")) {
      ServerCheck.Report report = ServerCheck.run(connection, "freshet");
      assertThat(report.findings()).isEmpty();
      assertThat(report.systemIdentifier()).isPresent();
      assertThat(report.timeline()).contains(1);
    }
  }
}
