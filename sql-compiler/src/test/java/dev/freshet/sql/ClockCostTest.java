package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a tick touches of a large table when few rows are due: an index's range of them. */
class ClockCostTest {
  private static final Pattern BUFFERS =
      Pattern.compile("shared (?:hit=(\\d+))? ?(?:read=(\\d+))?");
  private static final int FEW = 120;

  @Test
  void ticksTouchFewPages() throws Exception {
    for (PgVersion version : List.of(PgVersion.V15, PgVersion.V18)) {
      try (Database database = SharedServer.of(version).freshDatabase()) {
        database.execute(
            "CREATE TABLE reading (id int PRIMARY KEY, sensor int, at timestamptz, v int)",
            "CREATE TABLE sensor (id int PRIMARY KEY, name text)",
            "INSERT INTO sensor SELECT i, 's' || i FROM generate_series(0, 99) i",
            "INSERT INTO reading SELECT i, i % 100, now() - i * interval '1 second', i"
                + " FROM generate_series(1, 100000) i",
            "CREATE INDEX ON reading (at)",
            "VACUUM ANALYZE");
        tick(database, "SELECT id, v FROM reading WHERE at < now() - interval '1 day'");
        tick(
            database,
            "SELECT sensor, count(*) AS n FROM reading WHERE at < now() - interval '1 day' GROUP BY"
                + " 1");
        tick(
            database,
            "SELECT s.name, r.v FROM sensor s JOIN reading r ON r.sensor = s.id"
                + " WHERE r.at + interval '86400 seconds' < now()");
      }
    }
  }

  /** Ten seconds pass, so ten rows are due. */
  private static void tick(Database database, String query) throws Exception {
    try (Connection connection = database.connect();
        Rig rig = new Rig(connection, query)) {
      rig.execute("SET rig.now = ''");
      rig.execute("ANALYZE " + Rig.TARGET);
      rig.execute(
          "SELECT set_config('freshet.clock', (now() - interval '10 seconds')::text, false)");
      List<SqlStatement> statements = rig.compiled.incremental(Rig.TARGET, Map.of());
      assertThat(statements).hasSize(1);
      assertThat(touched(connection, rig.compiled.due().orElseThrow().sql()))
          .as("pages of the question whether anything is due, %s", query)
          .isLessThan(FEW);
      assertThat(touched(connection, statements.getFirst().sql()))
          .as("pages of the refresh, %s", query)
          .isLessThan(FEW * 3);
    }
  }

  private static int touched(Connection connection, String sql) throws SQLException {
    var plan = new StringBuilder();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql)) {
      while (row.next()) {
        plan.append(row.getString(1)).append('\n');
      }
    }
    Matcher first = BUFFERS.matcher(plan);
    assertThat(first.find()).as(plan.toString()).isTrue();
    assertThat(plan.toString()).contains("reading_at_idx").doesNotContain("Seq Scan on reading");
    return number(first.group(1)) + number(first.group(2));
  }

  private static int number(String digits) {
    return digits == null ? 0 : Integer.parseInt(digits);
  }
}
