package dev.freshet.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
      assertThat(query(server, "SHOW max_prepared_transactions")).isEqualTo("20");
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

  @Test
  void crashLeavesNoProcessBehind() {
    try (EmbeddedServer server = EmbeddedServer.start18()) {
      List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
      assertThat(children).hasSizeGreaterThan(5);
      server.crash();
      assertThat(children).noneMatch(Processes::isRunning);
    }
  }

  @ParameterizedTest
  @EnumSource
  void restartsInEveryModeOnTheSamePort(ShutdownMode mode) throws SQLException {
    try (EmbeddedServer server = EmbeddedServer.start18()) {
      int port = server.port();
      execute(server, "CREATE TABLE t AS SELECT 1 AS i");
      server.restart(mode);
      assertThat(server.port()).isEqualTo(port);
      assertThat(query(server, "SELECT i FROM t")).isEqualTo("1");
    }
  }

  @Test
  void changedParametersTakeEffectOnRestart() throws SQLException {
    try (EmbeddedServer server =
        EmbeddedServer.builder(PgVersion.V18).setting("wal_level", "replica").start()) {
      assertThat(query(server, "SHOW wal_level")).isEqualTo("replica");
      server.configure("wal_level", "logical");
      server.restart(ShutdownMode.FAST);
      assertThat(query(server, "SHOW wal_level")).isEqualTo("logical");
    }
  }

  @Test
  void namedDataDirectoryIsKeptAndContinued(@TempDir Path directory) throws SQLException {
    Path data = directory.resolve("pgdata");
    try (EmbeddedServer server = kept(data)) {
      execute(server, "CREATE TABLE t AS SELECT 42 AS i");
    }
    try (EmbeddedServer server = kept(data)) {
      assertThat(query(server, "SELECT i FROM t")).isEqualTo("42");
    }
  }

  private static EmbeddedServer kept(Path data) {
    return EmbeddedServer.builder(PgVersion.V18).dataDirectory(data).start();
  }

  @Test
  void temporaryDataDirectoryIsRemoved() {
    Path data;
    try (EmbeddedServer server = EmbeddedServer.start18()) {
      data = server.dataDirectory();
      assertThat(server.socketDirectory().resolve(".s.PGSQL." + server.port())).exists();
    }
    assertThat(data.getParent()).doesNotExist();
  }

  @Test
  void hbaLinesComeBeforeTrust() throws SQLException {
    try (EmbeddedServer server =
        EmbeddedServer.builder(PgVersion.V18).hba("host all app all scram-sha-256").start()) {
      execute(server, "CREATE ROLE app LOGIN PASSWORD 'right'");
      try (Connection connection = server.connect("postgres", "app", "right")) {
        assertThat(connection.isValid(5)).isTrue();
      }
      assertThatThrownBy(() -> server.connect("postgres", "app", "wrong"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }
  }

  @Test
  void clustersShareTheirSystemIdentifierUnlessToldOtherwise() throws SQLException {
    String identifier = "SELECT system_identifier FROM pg_control_system()";
    try (EmbeddedServer one = EmbeddedServer.start18();
        EmbeddedServer two = EmbeddedServer.start18();
        EmbeddedServer own = EmbeddedServer.builder(PgVersion.V18).ownSystemIdentifier().start()) {
      assertThat(query(one, identifier)).isEqualTo(query(two, identifier));
      assertThat(query(own, identifier)).isNotEqualTo(query(one, identifier));
    }
  }

  @Test
  void manyStartAtOnce() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<EmbeddedServer>> starting =
          IntStream.range(0, 4).mapToObj(_ -> threads.submit(EmbeddedServer::start18)).toList();
      for (Future<EmbeddedServer> future : starting) {
        try (EmbeddedServer server = future.get()) {
          assertThat(query(server, "SELECT 1")).isEqualTo("1");
        }
      }
    }
  }

  @Test
  void failedStartShowsTheServersLog() {
    assertThatThrownBy(
            () -> EmbeddedServer.builder(PgVersion.V18).setting("wal_level", "minmal").start())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("PostgreSQL 18")
        .hasMessageContaining("invalid value for parameter \"wal_level\": \"minmal\"");
  }

  @Test
  void namedPortThatIsTakenIsAnError() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> EmbeddedServer.builder(PgVersion.V18).port(taken.getLocalPort()).start())
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("port " + taken.getLocalPort())
          .hasMessageContaining("Address already in use");
    }
  }

  @Test
  void failedStartLeavesNothing(@TempDir Path directory) throws IOException {
    Path data = directory.resolve("pgdata");
    Files.createDirectories(data);
    assertThatThrownBy(
            () ->
                EmbeddedServer.builder(PgVersion.V18)
                    .dataDirectory(data)
                    .setting("no_such_parameter", "1")
                    .start())
        .hasMessageContaining("no_such_parameter");
    assertThat(data.resolve("postmaster.pid")).doesNotExist();
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
