package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database whose changes triggers capture is dumped and restored beside the original: its tables
 * have other oids, so nothing that the dump says of captured changes fits them. Needs the system's
 * {@code pg_dump} and {@code psql}.
 */
class TriggerDumpTest {
  private static final PgVersion VERSION = PgVersion.V15;
  private static final Map<String, String> TRIGGER =
      Map.of("cdc.mode", "trigger", "refresh.cost", "off", "refresh.max-change-ratio", "1");

  @TempDir Path directory;

  @Test
  void restoredDumpIsCapturedAnewAndRefilled() throws Exception {
    assumeThat(Files.isExecutable(Path.of("/usr/bin/pg_dump"))).as("pg_dump").isTrue();
    PostgresServer server = SharedServer.of(VERSION);
    try (Freshet freshet = Freshet.on(server, TRIGGER);
        Database copy = server.freshDatabase()) {
      freshet.sql(
          "CREATE TABLE unread (id int)",
          "CREATE TABLE b (id int PRIMARY KEY, v int)",
          "CREATE TABLE a (id int PRIMARY KEY, v int)",
          "INSERT INTO a SELECT i, i % 10 FROM generate_series(1, 100) i",
          "INSERT INTO b SELECT i, i % 10 FROM generate_series(1, 50) i");
      freshet.create("sa", "SELECT v, count(*) AS n FROM a GROUP BY v");
      freshet.create("sb", "SELECT v, count(*) AS n FROM b GROUP BY v");
      freshet.sql("UPDATE a SET v = v + 1 WHERE id < 10", "DELETE FROM b WHERE id < 5");
      Path dump = directory.resolve("dump.sql");
      run(server, "pg_dump", "--file=" + dump, freshet.database().name());
      run(server, "psql", "-v", "ON_ERROR_STOP=1", "-q", "--file=" + dump, copy.name());
      copy.execute("UPDATE a SET v = v + 1 WHERE id > 90");

      try (Engine engine = Engine.open(Freshet.configFor(copy, TRIGGER))) {
        assertThat(audit(engine))
            .hasSize(2)
            .allMatch(AuditReport::equal)
            .allMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.FULL);
        copy.execute(
            "UPDATE a SET v = v + 1 WHERE id < 20", "INSERT INTO b VALUES (900, 3), (901, 4)");
        assertThat(audit(engine))
            .allMatch(AuditReport::equal)
            .allMatch(audit -> audit.refresh().orElseThrow().mode() == Mode.INCREMENTAL);
      }
      freshet.follow("sa");
      freshet.follow("sb");
    }
  }

  /** As after a restore in which one table has got the oid that the other had. */
  @Test
  void oidsThatOtherTablesHaveNowAreNotMistaken() throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), TRIGGER)) {
      freshet.sql(
          "CREATE TABLE a (id int PRIMARY KEY, v int)",
          "CREATE TABLE b (id int PRIMARY KEY, v int)");
      freshet.create("sa", "SELECT v, count(*) AS n FROM a GROUP BY v");
      freshet.create("sb", "SELECT v, count(*) AS n FROM b GROUP BY v");
      freshet.engine().close();
      freshet.sql(
          """
          DO $$ DECLARE t record; text text; BEGIN
            FOR t IN SELECT tgname, tgrelid::regclass AS source, pg_get_triggerdef(oid) AS made
                     FROM pg_trigger WHERE tgname LIKE 'freshet_capture%' LOOP
              text := replace(replace(replace(t.made, 'capture_' || 'a'::regclass::oid, 'capture_x'),
                'capture_' || 'b'::regclass::oid, 'capture_' || 'a'::regclass::oid),
                'capture_x', 'capture_' || 'b'::regclass::oid);
              EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.source);
              EXECUTE text;
              EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.source, t.tgname);
            END LOOP;
          END $$
          """,
          "INSERT INTO a VALUES (1, 1)", "INSERT INTO b VALUES (1, 2), (2, 2)");
      freshet.restartEngine();
      freshet.sql("INSERT INTO a VALUES (3, 3)", "DELETE FROM b WHERE id = 1");
      assertThat(freshet.audit()).hasSize(2).allMatch(AuditReport::equal);
      freshet.sql("INSERT INTO a VALUES (4, 4)", "DELETE FROM b WHERE id = 2");
      freshet.follow("sa");
      freshet.follow("sb");
    }
  }

  private static List<AuditReport> audit(Engine engine) {
    return ((Reply.Audited) engine.execute(new Command.Audit(List.of(), 5))).reports();
  }

  private static void run(PostgresServer server, String program, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add("/usr/bin/" + program);
    command.addAll(
        List.of(
            "--host=" + server.host(),
            "--port=" + server.port(),
            "--username=" + PostgresServer.SUPERUSER));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }
}
