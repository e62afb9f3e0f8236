package dev.freshet.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;

class DatabaseTest {

  private final PostgresServer server = SharedServer.of(PgVersion.V18);

  @Test
  void sharedServerIsOnePerVersion() {
    assertThat(SharedServer.of(PgVersion.V18)).isSameAs(server);
  }

  @Test
  void freshDatabasesDiffer() throws SQLException {
    try (Database one = server.freshDatabase();
        Database two = server.freshDatabase()) {
      one.execute("CREATE TABLE t (i int)");
      two.execute("CREATE TABLE t (i int)");
      assertThat(one.name()).isNotEqualTo(two.name());
    }
  }

  @Test
  void namesAreTakenLiterally() throws SQLException {
    try (Database database = server.createDatabase("Odd \"name\"")) {
      assertThat(count("pg_database WHERE datname = 'Odd \"name\"'")).isEqualTo("1");
      database.close();
      assertThat(count("pg_database WHERE datname = 'Odd \"name\"'")).isEqualTo("0");
    }
  }

  @Test
  void closingDropsWhatWouldKeepItAlive() throws SQLException {
    Database database = server.freshDatabase();
    try (Connection session = database.connect();
        Statement statement = session.createStatement()) {
      statement.execute("CREATE TABLE t (i int)");
      statement.execute("SELECT pg_create_logical_replication_slot('database_test', 'pgoutput')");
      statement.execute("BEGIN");
      statement.execute("INSERT INTO t VALUES (1)");
      statement.execute("PREPARE TRANSACTION 'database_test'");
      statement.execute("BEGIN");
      database.close();
    }
    assertThat(count("pg_database WHERE datname = '%s'".formatted(database.name()))).isEqualTo("0");
    assertThat(count("pg_replication_slots WHERE slot_name = 'database_test'")).isEqualTo("0");
    assertThat(count("pg_prepared_xacts WHERE gid = 'database_test'")).isEqualTo("0");
  }

  private String count(String fromWhere) throws SQLException {
    return EmbeddedServerTest.query(server, "SELECT count(*) FROM " + fromWhere);
  }
}
