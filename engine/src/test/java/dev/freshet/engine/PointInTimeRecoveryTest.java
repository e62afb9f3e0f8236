package dev.freshet.engine;

import static dev.freshet.engine.Servers.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Incident;
import dev.freshet.engine.refresh.Alignment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A base backup of a running server is recovered, by its archived log, to a moment before the end:
 * the catalog and the stream tables are of that moment, and no slot came along.
 */
class PointInTimeRecoveryTest {
  /** What a base backup leaves out, as {@code pg_basebackup} does. */
  private static final List<String> NOT_COPIED =
      List.of("pg_wal", "pg_replslot", "pg_stat_tmp", "pg_notify", "pg_subtrans");

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final List<String> OF_THE_PROCESS = List.of("postmaster.pid", "postmaster.opts");

  @TempDir Path directory;

  private Path archive;
  private Path backup;
  private EmbeddedServer original;
  private EmbeddedServer recovered;
  private Freshet freshet;

  @BeforeEach
  void makePlaces() throws IOException {
    archive = Files.createDirectory(directory.resolve("archive"));
    backup =
        Files.createDirectory(
            directory.resolve("recovered"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  @AfterEach
  void stopServers() {
    freshet.engine().close();
    recovered.close();
    original.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = PgVersion.class,
      names = {"V15", "V18"})
  void everythingCapturedIsRefilledAndFollowedFromThere(PgVersion version) throws Exception {
    original =
        EmbeddedServer.builder(version)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .setting("archive_mode", "on")
            .setting("archive_command", "cp %%p \"%s/%%f\"".formatted(archive))
            .start();
    freshet = Freshet.on(original.freshDatabase(), Map.of(), Alignment.BY_SNAPSHOT);
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, v int)",
        "INSERT INTO a SELECT i, i % 10 FROM generate_series(1, 100) i");
    freshet.create("st", "SELECT v, count(*) AS n FROM a GROUP BY v");
    freshet.create("months", "SELECT i AS m FROM generate_series(1, 12) i");
    takeBaseBackup();
    freshet.sql("UPDATE a SET v = v + 1 WHERE id <= 10");
    freshet.follow("st");
    freshet.sql("DELETE FROM a WHERE id > 95", "SELECT pg_create_restore_point('here')");
    freshet.sql("DELETE FROM a WHERE id > 50");
    freshet.follow("st");
    awaitArchived();
    freshet.engine().close();
    original.stop(ShutdownMode.FAST);

    recover(version);
    Database moved = new Database(recovered, freshet.database().name());
    freshet = Freshet.onExisting(moved, Map.of());
    assertThat(freshet.rows("SELECT count(*) FROM a")).containsExactly("(95)");
    Incident incident = freshet.engine().status().service().lastIncident().orElseThrow();
    assertThat(incident.cause()).contains("was missing", "timeline changed from 1 to 2");
    assertThat(incident.outcome()).isEqualTo("1 of 2 stream tables are refilled");
    assertThat(freshet.audit()).hasSize(2).allMatch(AuditReport::equal);
    freshet.sql("INSERT INTO a SELECT i, 7 FROM generate_series(201, 220) i");
    freshet.follow("st");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  /** The server's files while it runs, between the two calls that make them a backup. */
  private void takeBaseBackup() throws SQLException, IOException {
    try (Connection connection = original.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_backup_start('backup', true)");
      copyFiles(original.dataDirectory());
      try (ResultSet files =
          statement.executeQuery("SELECT labelfile, spcmapfile FROM pg_backup_stop(false)")) {
        files.next();
        Files.writeString(backup.resolve("backup_label"), files.getString(1));
      }
    }
  }

  private void copyFiles(Path data) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(data)) {
      files = all.skip(1).map(data::relativize).toList();
    }
    for (Path file : files) {
      boolean within = file.getNameCount() > 1;
      if (OF_THE_PROCESS.contains(file.toString())
          || within && NOT_COPIED.contains(file.getName(0).toString())) {
        continue;
      }
      Path to = backup.resolve(file);
      if (Files.isDirectory(data.resolve(file))) {
        Files.createDirectories(to);
      } else if (Files.exists(data.resolve(file))) {
        Files.copy(data.resolve(file), to);
      }
    }
    Files.createDirectories(backup.resolve("pg_wal/archive_status"));
  }

  private void awaitArchived() throws SQLException {
    String file = query(original, "postgres", "SELECT pg_walfile_name(pg_switch_wal())");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                query(
                        original,
                        "postgres",
                        "SELECT last_archived_wal >= '%s' FROM pg_stat_archiver".formatted(file))
                    .equals("t"));
  }

  private void recover(PgVersion version) throws IOException {
    Files.createFile(backup.resolve("recovery.signal"));
    recovered =
        EmbeddedServer.builder(version)
            .dataDirectory(backup)
            .setting("fsync", "off")
            .setting("shared_buffers", "32MB")
            .setting("restore_command", "cp \"%s/%%f\" %%p".formatted(archive))
            .setting("recovery_target_name", "here")
            .setting("recovery_target_action", "promote")
            .start();
    await()
        .atMost(PATIENCE)
        .until(() -> query(recovered, "postgres", "SELECT pg_is_in_recovery()").equals("f"));
  }
}
