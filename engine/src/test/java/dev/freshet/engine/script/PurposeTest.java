package dev.freshet.engine.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.script.Purpose.Code;
import dev.freshet.engine.script.Purpose.Definition;
import dev.freshet.engine.script.Purpose.Immaterial;
import dev.freshet.engine.script.Purpose.Query;
import dev.freshet.engine.script.Purpose.View;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PurposeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "with a as (select 1) select * from a",
        "(SELECT 1) UNION (SELECT 2)",
        "VALUES (1)",
        "TABLE t",
        "WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d"
      })
  void readingIsAQuery(String statement) {
    assertThat(Purpose.of(statement)).isEqualTo(new Query(statement, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '§',
      value = {
        "INSERT INTO t VALUES (1) | data",
        "WITH a AS (SELECT 1) DELETE FROM t | data",
        "COPY t FROM stdin | data",
        "SELECT pg_catalog.setval('t_id_seq', 7, true) | data",
        "BEGIN | transaction control",
        "COMMIT | transaction control",
        "GRANT SELECT ON t TO r | roles and privileges",
        "ALTER TABLE t OWNER TO r | roles and privileges",
        "CREATE ROLE r | roles and privileges",
        "SET statement_timeout = 0 | session settings",
        "SET ROLE r | session settings",
        "REFRESH MATERIALIZED VIEW v | maintenance",
        "VACUUM t | maintenance"
      })
  void whatChangesNoQueryIsImmaterial(String statement, String what) {
    assertThat(Purpose.of(statement)).isEqualTo(new Immaterial(what));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE t (a int)",
        "ALTER TABLE t ADD b int",
        "SET search_path = a, b",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "CREATE INDEX ON t (a)",
        "CREATE TYPE as_view AS (a int)",
        "COMMENT ON VIEW v IS 'x'"
      })
  void everythingElseIsRun(String statement) {
    assertThat(Purpose.of(statement)).isEqualTo(new Definition(statement));
  }

  @Test
  void codeIsKnownAsSuch() {
    assertThat(Purpose.of("DO $$ BEGIN NULL; END $$")).isInstanceOf(Code.class);
  }

  @Test
  void viewGivesItsQueryAndWhereItBegins() {
    String statement =
        "CREATE OR REPLACE VIEW a.\"V 1\" (x) WITH (security_barrier) AS\nSELECT 1 AS as";
    assertThat(Purpose.of(statement))
        .isEqualTo(
            new View(
                "a.\"V 1\"", new Query("SELECT 1 AS as", statement.indexOf("SELECT")), statement));
  }

  @Test
  void checkOptionIsNoPartOfTheQuery() {
    View view = (View) Purpose.of("CREATE VIEW v AS SELECT * FROM t WITH LOCAL CHECK OPTION");
    assertThat(view.query().text()).isEqualTo("SELECT * FROM t");
  }

  @Test
  void materializedViewIsDefinedWithoutBeingEvaluated() {
    View view =
        (View)
            Purpose.of(
                "CREATE MATERIALIZED VIEW IF NOT EXISTS m TABLESPACE x AS SELECT 1 WITH DATA");
    assertThat(view.name()).isEqualTo("m");
    assertThat(view.query().text()).isEqualTo("SELECT 1");
    assertThat(view.definition())
        .isEqualTo(
            "CREATE MATERIALIZED VIEW IF NOT EXISTS m TABLESPACE x AS SELECT 1\nWITH NO DATA");
  }

  @Test
  void recursiveViewIsWrittenOut() {
    View view =
        (View) Purpose.of("CREATE RECURSIVE VIEW s.n (i) AS VALUES (1) UNION SELECT i FROM n");
    assertThat(view.query().text())
        .isEqualTo("WITH RECURSIVE n (i) AS (VALUES (1) UNION SELECT i FROM n\n) SELECT i FROM n");
  }

  @Test
  void tableMadeOfAQueryIsDefinedWithoutItsRows() {
    assertThat(Purpose.of("CREATE TABLE t AS SELECT 1"))
        .isEqualTo(new Definition("CREATE TABLE t AS SELECT 1\nWITH NO DATA"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE VIEW",
        "CREATE VIEW v",
        "CREATE VIEW v AS",
        "CREATE VIEW IF AS x",
        "CREATE RECURSIVE VIEW v AS SELECT 1",
        "CREATE RECURSIVE VIEW v (a AS SELECT 1",
        "CREATE"
      })
  void brokenStatementIsLeftToPostgres(String statement) {
    assertThat(Purpose.of(statement)).isInstanceOf(Definition.class);
  }

  @Test
  void placesCountCharactersFromOne() {
    assertThat(Places.ofCall("SELECT 'é', random()", "random()")).contains(13);
    assertThat(Places.ofCall("SELECT app.f(1)", "app.f(integer)")).contains(12);
    assertThat(Places.ofCall("SELECT * FROM v", "random()")).isEmpty();
    assertThat(Places.ofLocking("SELECT * FROM t FOR NO KEY UPDATE")).contains(17);
    assertThat(Places.ofSampling("SELECT * FROM t TABLESAMPLE SYSTEM (1)")).contains(17);
  }
}
