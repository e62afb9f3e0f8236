package dev.freshet.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddedServerTest {

  @ParameterizedTest
  @EnumSource
  void everyVersionStartsReadyForLogicalDecoding(PgVersion version) throws SQLException {
    try (EmbeddedServer server = EmbeddedServer.builder(version).start()) {
      assertThat(query(server, "SELECT current_setting('server_version_num')::int / 10000"))
          .isEqualTo(Integer.toString(version.major()));
      assertThat(query(server, "SHOW wal_level")).isEqualTo("logical");
    }
  }

  @Test
  void committedRowsSurviveACrash() throws SQLException {
    try (EmbeddedServer server = EmbeddedServer.start18()) {
      execute(server, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS i");
      int port = server.port();
      server.crash();
      assertThat(server.isRunning()).isFalse();
      server.start();
      assertThat(server.port()).isEqualTo(port);
      assertThat(query(server, "SELECT count(*) FROM t")).isEqualTo("1000");
      assertThat(server.logTail(50)).contains("automatic recovery in progress");
    }
  }

  static String query(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  static void execute(PostgresServer server, String sql) throws SQLException {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
