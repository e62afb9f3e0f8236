package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Sources are altered in every way in which PostgreSQL lets them. Stream tables that it does not
 * concern never notice; the others are refilled, changed in place, or stop with the cause, and go
 * on when it is gone. The oracle after each test looks at all of them.
 */
@ExtendWith(FreshetExtension.class)
class SourceDefinitionsTest {
  private Freshet freshet;
  private Answers answer;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    answer = new Answers(freshet);
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, k int, v int, t varchar(20), n int NOT NULL DEFAULT"
            + " 1)",
        "CREATE TABLE b (k int PRIMARY KEY, label text)",
        "INSERT INTO a SELECT i, i % 3, i, 't' || i, 1 FROM generate_series(1, 30) i",
        "INSERT INTO b SELECT i, 'b' || i FROM generate_series(0, 20) i");
    answer.create("names", "SELECT a.id, a.t, b.label FROM a JOIN b ON a.k = b.k");
    answer.create("sums", "SELECT k, sum(v) AS v, count(n) AS n, count(*) FROM a GROUP BY k");
    answer.create("others", "SELECT * FROM b");
  }

  @Test
  void columnsThatComeAndGoUnreadAreNotNoticed() throws SQLException {
    assertThat(
            answer.to(
                "ALTER TABLE b ADD COLUMN more int DEFAULT 3",
                "UPDATE b SET more = 4 WHERE k = 1",
                "ALTER TABLE b RENAME COLUMN more TO rest",
                "ALTER TABLE b ALTER COLUMN rest TYPE bigint",
                "INSERT INTO b VALUES (30, 'new', 5)",
                "ALTER TABLE b DROP COLUMN rest"))
        .as("a rewrite may have changed rows of b; not of a")
        .containsExactly("names: full", "others: full");
    assertThat(
            answer.to(
                "ALTER TABLE b ADD COLUMN more int",
                "ALTER TABLE b RENAME COLUMN more TO rest",
                "ALTER TABLE b DROP COLUMN rest",
                "ALTER TABLE a OWNER TO CURRENT_USER",
                "CREATE INDEX ON a (v)",
                "ANALYZE a",
                "ALTER TABLE a SET (fillfactor = 90)",
                "ALTER TABLE a ALTER COLUMN v SET DEFAULT 5",
                "ALTER TABLE a ADD CHECK (id > 0)",
                "COMMENT ON TABLE a IS 'a'",
                "GRANT SELECT ON a TO PUBLIC",
                "UPDATE a SET v = 7 WHERE id = 1"))
        .isEmpty();
    assertThat(freshet.rows("SELECT * FROM others LIMIT 1"))
        .first()
        .asString()
        .matches(".*,b\\d+\\)");
  }

  @Test
  void columnThatMayBeNullNowIsReadAnew() throws SQLException {
    assertThat(
            answer.to(
                "ALTER TABLE a ALTER COLUMN n DROP NOT NULL", "UPDATE a SET n = NULL WHERE id = 1"))
        .containsExactly("sums: full");
    assertThat(answer.to("UPDATE a SET n = NULL WHERE id = 2")).isEmpty();
  }

  @Test
  void widerTypeIsTakenOver() throws SQLException {
    assertThat(answer.to("ALTER TABLE a ALTER COLUMN t TYPE varchar(40)"))
        .containsExactly("names: full");
    assertThat(answer.to("UPDATE a SET t = repeat('x', 40) WHERE id = 1")).isEmpty();
    assertThat(
            freshet.rows(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                    + " WHERE attrelid = 'names'::regclass AND attname = 't'"))
        .containsExactly("(\"character varying(40)\")");
  }

  @Test
  void anotherTypeStopsAndBackAgainGoesOn() throws SQLException {
    assertThat(answer.to("ALTER TABLE a ALTER COLUMN t TYPE int USING id"))
        .containsExactly(
            "names: failed: a source of public.names or the table itself was altered, and the table"
                + " has not the columns of its query: column t is character varying(20), the"
                + " query's is integer",
            "sums: full");
    assertThat(freshet.status("names").stateReason())
        .contains("hint: alter it back, or give the stream table the columns that the query has");
    assertThat(answer.to("ALTER TABLE a ALTER COLUMN t TYPE varchar(20)"))
        .containsExactly("names: full", "sums: full");
  }

  @Test
  void tableThatIsMovedToAnotherSchemaIsMissed() throws SQLException {
    assertThat(
            answer.to(
                "CREATE SCHEMA away",
                "ALTER TABLE a SET SCHEMA away",
                "UPDATE away.a SET v = 0 WHERE id = 1"))
        .containsExactly(
            "names: failed: PostgreSQL rejects the defining query: relation \"a\" does not exist",
            "sums: failed: PostgreSQL rejects the defining query: relation \"a\" does not exist");
    assertThat(answer.to("ALTER TABLE away.a SET SCHEMA public"))
        .containsExactly("names: full", "sums: full");
  }

  @Test
  void childrenByInheritanceCountAsLongAsTheyAreThere() throws SQLException {
    assertThat(
            answer.to(
                "CREATE TABLE a_child () INHERITS (a)", "INSERT INTO a_child VALUES (90, 1, 1)"))
        .containsExactly("names: full", "sums: full");
    assertThat(answer.to("UPDATE a_child SET v = 2")).containsExactly("names: full", "sums: full");
    freshet.sql("DROP TABLE a_child");
    answer.to();
    assertThat(answer.to("UPDATE a SET v = 2 WHERE id = 1")).as("incremental again").isEmpty();
  }

  @Test
  void unloggedTableIsReadInFullUntilItIsLoggedAgain() throws SQLException {
    String publication = freshet.config().cdc().publicationName();
    assertThat(
            answer.to(
                "ALTER PUBLICATION " + publication + " DROP TABLE a", "ALTER TABLE a SET UNLOGGED"))
        .containsExactly("names: full", "sums: full");
    assertThat(answer.to("UPDATE a SET id = 100 WHERE id = 1"))
        .containsExactly("names: full", "sums: full");
    freshet.sql("ALTER TABLE a SET LOGGED");
    answer.to();
    assertThat(answer.to("UPDATE a SET v = 2 WHERE id = 3")).as("incremental again").isEmpty();
  }

  @Test
  void primaryKeyOfOtherColumnsIsTakenUp() throws SQLException {
    assertThat(answer.to("ALTER TABLE b DROP CONSTRAINT b_pkey")).isEmpty();
    assertThat(
            answer.to(
                "UPDATE b SET label = 'one' WHERE k = 1", "ALTER TABLE b ADD PRIMARY KEY (label)"))
        .as("changed in place")
        .isEmpty();
    assertThat(answer.to("UPDATE b SET label = 'two' WHERE k = 2")).isEmpty();
    assertThat(answer.to("INSERT INTO b VALUES (2, 'two again')")).isEmpty();
    assertThat(freshet.rows("SELECT * FROM others WHERE k = 2")).hasSize(2);
  }

  @Test
  void lostReplicaIdentityIsSetRight() throws SQLException {
    freshet.sql("CREATE UNIQUE INDEX by_n ON a (id, n)");
    assertThat(
            answer.to(
                "ALTER TABLE a REPLICA IDENTITY USING INDEX by_n",
                "UPDATE a SET v = 3 WHERE id = 2"))
        .as("old values are missing")
        .contains("sums: full");
    answer.to();
    assertThat(freshet.rows("SELECT relreplident FROM pg_class WHERE oid = 'a'::regclass"))
        .containsExactly("(f)");
    assertThat(answer.to("UPDATE a SET v = 4 WHERE id = 2")).isEmpty();
  }

  @Test
  void rewritesOfOneTableDoNotConcernOthers() throws SQLException {
    assertThat(answer.to("VACUUM FULL a")).containsExactly("names: full", "sums: full");
    assertThat(answer.to("CLUSTER b USING b_pkey")).containsExactly("names: full", "others: full");
    assertThat(answer.to("REINDEX TABLE a", "VACUUM a")).isEmpty();
  }

  @Test
  void functionThatIsOnlyGrantedOrPricedIsTheSame() throws SQLException {
    freshet.sql("CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1'");
    answer.create("calls", "SELECT id, f(v) AS v FROM a");
    assertThat(
            answer.to(
                "GRANT EXECUTE ON FUNCTION f(int) TO PUBLIC",
                "ALTER FUNCTION f(int) COST 10",
                "CREATE OR REPLACE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS"
                    + " 'SELECT $1 + 1'"))
        .isEmpty();
    assertThat(
            answer.to(
                "CREATE OR REPLACE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS"
                    + " 'SELECT $1 + 9'"))
        .containsExactly("calls: full");
    assertThat(answer.to("ALTER FUNCTION f(int) VOLATILE"))
        .hasSize(1)
        .first()
        .asString()
        .contains("which is VOLATILE");
    assertThat(answer.to("ALTER FUNCTION f(int) IMMUTABLE")).containsExactly("calls: full");
    assertThat(answer.to("DROP FUNCTION f(int)"))
        .containsExactly(
            "calls: failed: PostgreSQL rejects the defining query: function f(integer) does not"
                + " exist");
    assertThat(
            answer.to("CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1'"))
        .containsExactly("calls: full");
  }

  @Test
  void typesMayGrow() throws SQLException {
    freshet.sql(
        "CREATE TYPE mood AS ENUM ('ok', 'bad')",
        "CREATE DOMAIN small AS int CHECK (value < 100)",
        "CREATE TYPE pair AS (x int, y int)",
        "CREATE TABLE e (id int PRIMARY KEY, m mood, s small, p pair)",
        "INSERT INTO e VALUES (1, 'ok', 1, (1, 2)), (2, 'bad', 2, (3, 4))");
    answer.create("moods", "SELECT id, m, m::text AS text, s, p, (p).x FROM e");
    assertThat(
            answer.to(
                "ALTER TYPE mood ADD VALUE 'so so' BEFORE 'bad'",
                "UPDATE e SET m = 'so so' WHERE id = 1",
                "ALTER DOMAIN small DROP CONSTRAINT small_check",
                "UPDATE e SET s = 1000 WHERE id = 1",
                "INSERT INTO e VALUES (3, 'ok', 3, (5, 6))"))
        .isEmpty();
    assertThat(
            answer.to(
                "ALTER TYPE pair ADD ATTRIBUTE z int", "UPDATE e SET p = (5, 6, 7) WHERE id = 2"))
        .as("the old value had two attributes")
        .isSubsetOf("moods: full");
    assertThat(answer.to("ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'"))
        .containsExactly("moods: full");
  }

  @Test
  void extensionThatIsDroppedTakesItsTypesAlong() throws SQLException {
    List<String> available =
        freshet.rows("SELECT 1 FROM pg_available_extensions WHERE name = 'citext'");
    org.junit.jupiter.api.Assumptions.assumeFalse(available.isEmpty(), "no citext here");
    freshet.sql(
        "CREATE EXTENSION citext",
        "CREATE TABLE w (id int PRIMARY KEY, word citext)",
        "INSERT INTO w VALUES (1, 'Word')");
    answer.create("words", "SELECT id, word FROM w");
    assertThat(answer.to("DROP EXTENSION citext CASCADE"))
        .hasSize(1)
        .first()
        .asString()
        .contains("words: failed: PostgreSQL rejects the defining query: column \"word\" does not");
    freshet.sql(
        "CREATE EXTENSION citext",
        "ALTER TABLE w ADD COLUMN word citext DEFAULT 'again'",
        "ALTER TABLE words ADD COLUMN word citext");
    assertThat(answer.to()).containsExactly("words: full");
  }

  @Test
  void viewsAreFollowed() throws SQLException {
    freshet.sql("CREATE VIEW large AS SELECT id, v FROM a WHERE v > 10");
    answer.create("of_view", "SELECT id, v FROM large");
    assertThat(answer.to("CREATE OR REPLACE VIEW large AS SELECT id, v FROM a WHERE v > 20"))
        .containsExactly("of_view: full");
    assertThat(
            answer.to("GRANT SELECT ON large TO PUBLIC", "ALTER VIEW large OWNER TO CURRENT_USER"))
        .isEmpty();
    assertThat(answer.to("DROP VIEW large", "CREATE VIEW large AS SELECT id, k AS v FROM a"))
        .containsExactly("of_view: full");
  }
}
