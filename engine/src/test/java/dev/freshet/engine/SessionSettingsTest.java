package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Settings of the session that a result depends on are those of the stream table's creation. */
@ExtendWith(FreshetExtension.class)
class SessionSettingsTest {
  private Freshet freshet;

  @BeforeEach
  void createTables(Freshet given) throws SQLException {
    freshet = given;
    database("timezone", "Asia/Tokyo");
    freshet.sql(
        "CREATE TABLE e (id int PRIMARY KEY, at timestamptz, took interval, raw bytea, price money,"
            + " tags text[], body jsonb, note xml)",
        "INSERT INTO e VALUES (1, '2026-01-01 20:00+00', '-1 day 02:00', '\\x6162', '1', '{a}',"
            + " '{\"k\": 1}', '<a/>'), (2, '2026-01-02 02:00+00', '1 mon', NULL, NULL, NULL, NULL,"
            + " NULL)");
  }

  /** What sessions to come have; those that Freshet holds keep what they have. */
  private void database(String setting, String value) throws SQLException {
    freshet.sql(
        "ALTER DATABASE \"%s\" SET %s = '%s'".formatted(freshet.database().name(), setting, value));
  }

  private List<String> days() throws SQLException {
    return freshet.rows("SELECT day, n FROM st ORDER BY day");
  }

  @Test
  void daysAreThoseOfTheDatabasesTimeZone() throws SQLException {
    freshet.create("st", "SELECT at::date AS day, count(*) AS n FROM e GROUP BY 1");
    assertThat(days()).containsExactly("(2026-01-02,2)");
    freshet.sql("INSERT INTO e VALUES (3, '2026-01-02 16:00+00')");
    freshet.follow("st");
    assertThat(days()).containsExactly("(2026-01-02,2)", "(2026-01-03,1)");
  }

  @Test
  void anotherTimeZoneLaterChangesNothing() throws SQLException {
    freshet.create("st", "SELECT at::date AS day, count(*) AS n FROM e GROUP BY 1");
    database("timezone", "America/New_York");
    freshet.restartEngine();
    freshet.sql("INSERT INTO e VALUES (3, '2026-01-02 16:00+00'), (4, '2026-01-01 16:00+00')");
    freshet.follow("st");
    assertThat(days()).containsExactly("(2026-01-02,3)", "(2026-01-03,1)");
    freshet.refresh("st", Optional.of("full"));
    assertThat(days()).containsExactly("(2026-01-02,3)", "(2026-01-03,1)");
    assertThat(freshet.status("st").settings()).isEqualTo(Map.of("TimeZone", "Asia/Tokyo"));
  }

  @Test
  void everyOperationThatReadsTheTimeZoneIsIncremental() throws SQLException {
    freshet.create(
        "st",
        """
        SELECT id, date_trunc('day', at) AS day, extract(hour FROM at) AS hour,
          at + interval '1 month' AS later, at - interval '1 day' AS earlier,
          at::timestamp AS local, at::time AS clock, at < date '2026-01-02' AS before,
          to_char(at, 'YYYY-MM-DD HH24:MI TZ') AS text, date_part('dow', at) AS dow
        FROM e WHERE at::date < '2026-06-01' AND at > timestamp '2026-01-01 00:00'
        """);
    follows();
  }

  @Test
  void everyTextThatDependsOnSettingsIsIncremental() throws SQLException {
    database("intervalstyle", "iso_8601");
    database("bytea_output", "escape");
    database("datestyle", "SQL, DMY");
    freshet.restartEngine();
    freshet.create(
        "st",
        """
        SELECT id, at::text AS at, took::text AS took, raw::text AS raw, price::text AS price,
          tags::text AS tags, array_to_string(ARRAY[at, at], '; ') AS twice, ROW(at, took)::text AS r,
          concat(at, ' ', took) AS c, format('%s/%s', at, raw) AS f, 'on ' || at::date AS d,
          json_build_object('at', at, 'took', took)::text AS j, to_jsonb(raw) AS b,
          xmlelement(name x, at, raw)::text AS x, quote_literal(took) AS q,
          (SELECT json_agg(o.at)::text FROM e o WHERE o.id = e.id) AS l, row_to_json(e)::text AS w
        FROM e
        """);
    assertThat(freshet.rows("SELECT took, raw, d FROM st ORDER BY id"))
        .containsExactly("(P-1DT2H,ab,\"on 2026-01-02\")", "(P1M,,\"on 2026-01-02\")");
    follows();
    assertThat(freshet.status("st").settings())
        .containsEntry("IntervalStyle", "iso_8601")
        .containsEntry("bytea_output", "escape")
        .containsEntry("DateStyle", "ISO, DMY");
  }

  /** Incremental, and so under other settings. */
  private void follows() throws SQLException {
    assertThat(freshet.status("st").refreshClass()).isNotEqualTo("full");
    database("timezone", "America/New_York");
    database("intervalstyle", "postgres_verbose");
    database("bytea_output", "hex");
    freshet.restartEngine();
    freshet.sql(
        "INSERT INTO e SELECT 3, '2026-03-29 00:30+00', '2 days 03:00', '\\xff', '2.50',"
            + " '{b,NULL}', '{}', '<b/>'",
        "UPDATE e SET at = at + interval '7 hours' WHERE id = 1",
        "DELETE FROM e WHERE id = 2");
    freshet.follow("st");
  }

  @Test
  void catalogOfAnOlderReleaseIsPinnedAndRefilled() throws SQLException {
    freshet.create("st", "SELECT at::date AS day, count(*) AS n FROM e GROUP BY 1");
    freshet.create("plain", "SELECT id FROM e");
    freshet.sql(
        "ALTER TABLE freshet.stream_table DROP COLUMN session",
        "ALTER TABLE freshet.frontier DROP COLUMN clock",
        "UPDATE st SET n = 7"); // what that release may have made of it
    freshet.restartEngine();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.FULL);
    assertThat(freshet.refresh("plain").mode()).isEqualTo(Mode.NOOP);
    assertThat(days()).containsExactly("(2026-01-02,2)");
    freshet.sql("INSERT INTO e VALUES (3, '2026-01-02 16:00+00')");
    freshet.follow("st");
    freshet.restartEngine();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.NOOP);
  }

  @Test
  void constantsMeanWhatTheyMeantAtCreation() throws SQLException {
    freshet.create("st", "SELECT id FROM e WHERE at < '2026-01-02 08:00'");
    database("timezone", "America/New_York");
    freshet.restartEngine();
    freshet.sql(
        "INSERT INTO e VALUES (3, '2026-01-01 22:59+00'), (4, '2026-01-01 23:01+00'),"
            + " (5, '2026-01-02 12:00+00')");
    freshet.follow("st");
    assertThat(freshet.rows("SELECT id FROM st ORDER BY id")).containsExactly("(1)", "(3)");
  }

  @Test
  void membersOfAGraphHaveTheirOwnSettings() throws SQLException {
    freshet.create("east", "SELECT id, at, at::date AS day FROM e");
    database("timezone", "America/New_York");
    freshet.create("west", "SELECT day, at::date AS there, count(*) AS n FROM east GROUP BY 1, 2");
    freshet.sql("INSERT INTO e VALUES (3, '2026-01-02 02:00+00')");
    freshet.engine().execute(new Command.Refresh(List.of("west"), Optional.empty()));
    assertThat(freshet.rows("SELECT day, there, n FROM west ORDER BY 1, 2"))
        .containsExactly("(2026-01-02,2026-01-01,3)");
    assertThat(freshet.audit()).allMatch(report -> report.equal());
  }

  @Test
  void whatReadsMoreThanSettingsIsRefreshedInFullAndSaysSo() throws SQLException {
    for (Map.Entry<String, String> one :
        Map.of(
                "SELECT id, tags[2]::timestamptz AS x FROM e", "timestamptz_in",
                "SELECT id, age(at) AS x FROM e", "age(timestamp with time zone)",
                "SELECT id, tableoid::regclass::text AS x FROM e", "regclassout",
                "SELECT id, concat(tableoid::regclass) AS x FROM e", "regclassout",
                "SELECT id, current_user AS x FROM e", "CURRENT_USER",
                "SELECT id, CASE WHEN id > 1 THEN tableoid::regclass END::text AS x FROM e",
                    "regclassout")
            .entrySet()) {
      freshet.create("st", one.getKey());
      assertThat(freshet.status("st").refreshClass()).as(one.getKey()).isEqualTo("full");
      assertThat(explain(one.getKey()).compiled().explain().reason())
          .contains(one.getValue())
          .contains("is STABLE");
      freshet.engine().execute(new Command.Drop("st", false));
    }
  }

  private Explanation explain(String text) {
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      return client.explain(text);
    }
  }

  @Test
  void labelsOfEnumsAreWatched() throws SQLException {
    freshet.sql(
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE TABLE p (id int PRIMARY KEY, m mood)",
        "INSERT INTO p VALUES (1, 'sad'), (2, 'happy')");
    freshet.create("st", "SELECT id, m::text AS m FROM p");
    freshet.create("list", "SELECT json_agg(m ORDER BY id)::text AS ms FROM p");
    freshet.sql("INSERT INTO p VALUES (3, 'sad')");
    freshet.follow("st");
    freshet.follow("list");
    freshet.sql("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'");
    assertThat(freshet.audit()).allMatch(report -> report.equal());
    assertThat(freshet.rows("SELECT m FROM st ORDER BY id"))
        .containsExactly("(blue)", "(happy)", "(blue)");
    freshet.sql("UPDATE p SET m = 'blue'");
    freshet.follow("st");
  }

  @Test
  void explainShowsWhatIsPinned() {
    freshet.create("st", "SELECT id, at::date AS day FROM e");
    assertThat(explain("st").settings()).isEqualTo(Map.of("TimeZone", "Asia/Tokyo"));
    assertThat(explain("SELECT id FROM e").settings()).isEmpty();
  }

  @Test
  void aVolatilePartOfAnAggregateIsFound() throws SQLException {
    freshet.sql(
        "CREATE FUNCTION add(int, int) RETURNS int VOLATILE LANGUAGE sql RETURN $1 + $2",
        "CREATE AGGREGATE total(int) (sfunc = add, stype = int)");
    assertThatThrownBy(() -> freshet.create("st", "SELECT total(id) AS t FROM e"))
        .hasMessageContaining("add(integer,integer)")
        .hasMessageContaining("VOLATILE");
  }
}
