package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.PostgresProvider;
import dev.freshet.embedded.PostgresServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The five shapes, a restart and the load of {@link AlignmentTest} on the older servers. Before 17
 * the barrier is a commit of its own, since a message cannot flush.
 */
class VersionsTest {
  private static final Duration LOAD =
      Duration.ofSeconds(Integer.getInteger("freshet.versions.seconds", 6));

  @ParameterizedTest
  @EnumSource(names = {"V15", "V16", "V17"})
  void followsAndAlignsOn(PgVersion version) throws Exception {
    long seed = AlignmentRun.seed(getClass());
    try (PostgresServer server =
        PostgresProvider.chosen()
            .start(version, Map.of("fsync", "off", "shared_buffers", "64MB"))) {
      try (Freshet freshet = Freshet.on(server, Map.of())) {
        fiveShapes(freshet);
      }
      aligns(server, Map.of("engine.refresh-workers", "4"), LOAD, seed);
    }
  }

  /** Nothing of the log is needed: the servers do not decode it. */
  @ParameterizedTest
  @EnumSource(names = {"V15", "V16", "V17", "V18"})
  void triggersFollowAndAlignWithoutLogicalDecoding(PgVersion version) throws Exception {
    long seed = AlignmentRun.seed(getClass());
    Map<String, String> triggers = Map.of("cdc.mode", "trigger", "engine.refresh-workers", "4");
    try (PostgresServer server =
        PostgresProvider.chosen()
            .start(
                version,
                Map.of("fsync", "off", "shared_buffers", "64MB", "wal_level", "replica"))) {
      try (Freshet freshet = Freshet.on(server, triggers)) {
        assertThat(freshet.rows("SELECT current_setting('wal_level')"))
            .containsExactly("(replica)");
        fiveShapes(freshet);
      }
      aligns(server, triggers, LOAD.dividedBy(2), seed);
    }
  }

  private static void aligns(
      PostgresServer server, Map<String, String> settings, Duration load, long seed)
      throws Exception {
    try (Freshet freshet = Freshet.on(server, settings)) {
      AlignmentRun.createStreamTables(freshet);
      AlignmentRun run = new AlignmentRun(freshet, seed).during(load, 6);
      assertThat(run.differing()).as("%s, seed %d", server.version(), seed).isEmpty();
      assertThat(run.incrementalShare()).isGreaterThan(0.9);
      assertThat(run.count(Mode.INCREMENTAL)).isGreaterThan((int) load.toSeconds() * 10);
    }
  }

  private static void fiveShapes(Freshet freshet) throws SQLException {
    freshet.sql(
        "CREATE TABLE src (id serial PRIMARY KEY, region text NOT NULL, amount int NOT NULL)",
        "CREATE TABLE dim (id serial PRIMARY KEY, region text NOT NULL, region_name text NOT NULL)",
        """
        INSERT INTO src (region, amount)
        SELECT (ARRAY['north', 'south', 'east', 'west'])[i % 4 + 1], i * 17 % 10000
        FROM generate_series(1, 1000) i
        """,
        "INSERT INTO dim (region, region_name) VALUES ('north', 'N'), ('south', 'S'), ('east',"
            + " 'E')");
    Map<String, String> shapes = new LinkedHashMap<>();
    shapes.put("scan", "SELECT id, region, amount FROM src");
    shapes.put("filter", "SELECT id, amount FROM src WHERE amount > 5000");
    shapes.put("sums", "SELECT region, sum(amount) AS total, count(*) AS n FROM src GROUP BY 1");
    shapes.put(
        "joined",
        "SELECT s.id, s.amount, d.region_name FROM src s JOIN dim d ON s.region = d.region");
    shapes.put(
        "joined_sums",
        """
        SELECT d.region_name, sum(s.amount) AS total, count(*) AS n
        FROM src s JOIN dim d ON s.region = d.region GROUP BY 1
        """);
    shapes.forEach(freshet::create);
    freshet.sql(
        "UPDATE src SET amount = amount + 1 WHERE id % 50 = 0",
        "DELETE FROM src WHERE id % 97 = 0",
        "UPDATE dim SET region_name = 'North' WHERE region = 'north'",
        "INSERT INTO dim (region, region_name) VALUES ('west', 'W')",
        "UPDATE src SET id = id + 5000 WHERE id = 77");
    shapes.keySet().forEach(freshet::follow);
    freshet.engine().close();
    freshet.sql(
        "DELETE FROM dim WHERE region = 'south'",
        "UPDATE src SET amount = 1 WHERE id < 9 OR id = 400");
    freshet.restartEngine();
    shapes.keySet().forEach(freshet::follow);
    freshet.sql("TRUNCATE src", "INSERT INTO src (region, amount) VALUES ('west', 9000)");
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
    assertThat(freshet.rows("SELECT id FROM scan")).hasSize(1);
  }
}
