package dev.freshet.engine.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.testcontainers.junit.jupiter.Testcontainers;

@Testcontainers(disabledWithoutDocker = true)
class ContainerServerTest {

  @ParameterizedTest
  @EnumSource
  void officialImageDecodesChanges(PgVersion version) throws SQLException {
    try (PostgresServer server = new ContainerProvider().start(version, Map.of("fsync", "off"));
        Database database = server.freshDatabase()) {
      database.execute(
          "CREATE TABLE t (i int PRIMARY KEY)",
          "SELECT pg_create_logical_replication_slot('official', 'test_decoding')",
          "INSERT INTO t VALUES (42)");
      assertThat(changes(database)).contains("table public.t: INSERT: i[integer]:42");
    }
  }

  private static String changes(Database database) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT string_agg(data, E'\\n')"
                    + " FROM pg_logical_slot_get_changes('official', NULL, NULL)")) {
      rows.next();
      return rows.getString(1);
    }
  }
}
