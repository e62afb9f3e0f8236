package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Somebody lays hands on the stream table itself. */
@ExtendWith(FreshetExtension.class)
class TamperedTableTest {
  private static final String QUERY = "SELECT a.id, a.v, b.label FROM a JOIN b ON a.k = b.k";

  private Freshet freshet;
  private Answers answer;

  @BeforeEach
  void make(Freshet given) throws SQLException {
    freshet = given;
    answer = new Answers(freshet);
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, k int, v int)",
        "CREATE TABLE b (k int PRIMARY KEY, label text)",
        "INSERT INTO a SELECT i, i % 3, i FROM generate_series(1, 30) i",
        "INSERT INTO b SELECT i, 'b' || i FROM generate_series(0, 2) i");
    answer.create("st", QUERY);
    answer.create("others", "SELECT id, v FROM a");
  }

  @Test
  void droppedOneIsMissedAndMadeAnew() throws SQLException {
    String cause =
        "st: failed: stream table public.st does not exist any more: somebody dropped, renamed or"
            + " moved it";
    assertThat(answer.to("DROP TABLE st", "UPDATE a SET v = 7 WHERE id = 1"))
        .containsExactly(cause);
    assertThat(freshet.status("st").stateReason()).contains("freshet alter public.st --query");
    freshet.engine().execute(new Command.Alter("st", Optional.of(QUERY), Map.of()));
    assertThat(answer.to("UPDATE a SET v = 8 WHERE id = 1")).isEmpty();
    assertThat(freshet.rows("SELECT v FROM st WHERE id = 1")).containsExactly("(8)");
    assertThat(answer.to("ALTER TABLE st RENAME TO st2", "UPDATE a SET v = 9 WHERE id = 1"))
        .containsExactly(cause);
    assertThat(answer.to("ALTER TABLE st2 RENAME TO st")).containsExactly("st: full");
  }

  @Test
  void droppedOneCanBeGivenUp() throws SQLException {
    freshet.sql("DROP TABLE st", "UPDATE a SET v = 7 WHERE id = 1");
    freshet.engine().execute(new Command.Drop("st", false));
    assertThat(freshet.engine().status().streamTables()).hasSize(1);
  }

  @Test
  void columnOfTheUsersOwnStays() throws SQLException {
    assertThat(
            answer.to(
                "ALTER TABLE st ADD COLUMN note text",
                "UPDATE st SET note = 'mine' WHERE id = 1",
                "UPDATE a SET v = 7 WHERE id = 1"))
        .isEmpty();
    freshet.restartEngine();
    answer = new Answers(freshet);
    assertThat(answer.to("VACUUM FULL a")).containsExactly("others: full", "st: full");
    assertThat(freshet.rows("SELECT v, note FROM st WHERE id = 1")).containsExactly("(7,mine)");
  }

  @Test
  void columnThatCannotBeLeftOutIsNamed() throws SQLException {
    assertThat(
            answer.to(
                "ALTER TABLE st ADD COLUMN note text NOT NULL DEFAULT ''",
                "ALTER TABLE st ALTER COLUMN note DROP DEFAULT",
                "INSERT INTO a VALUES (77, 1, 1)"))
        .hasSize(1)
        .first()
        .asString()
        .contains("null value in column \"note\"");
    assertThat(answer.to())
        .hasSize(1)
        .first()
        .asString()
        .contains("column note is not the query's, and NOT NULL without a default");
    assertThat(answer.to("ALTER TABLE st ALTER COLUMN note DROP NOT NULL"))
        .containsExactly("st: full");
  }

  @Test
  void droppedColumnIsNamed() throws SQLException {
    assertThat(answer.to("ALTER TABLE st DROP COLUMN v", "UPDATE a SET v = 7 WHERE id = 1"))
        .containsExactly(
            "st: failed: a source of public.st or the table itself was altered, and the table has"
                + " not the columns of its query: it has no column v");
    assertThat(answer.to("ALTER TABLE st ADD COLUMN v int")).containsExactly("st: full");
  }

  @Test
  void ruleIsInTheWayUntilItGoes() throws SQLException {
    assertThat(
            answer.to(
                "CREATE RULE r AS ON UPDATE TO st DO INSTEAD NOTHING",
                "UPDATE a SET v = 7 WHERE id = 1"))
        .hasSize(1)
        .first()
        .asString()
        .contains("st: failed: cannot refresh public.st: cannot execute MERGE on relation \"st\"")
        .contains("MERGE is not supported for relations with rules");
    assertThat(answer.to("DROP RULE r ON st")).containsExactly("st: full");
  }

  @Test
  void rowsChangedByHandAreFoundByTheAuditAndMendedByAFullRefresh() throws SQLException {
    freshet.sql(
        "UPDATE st SET v = -1 WHERE id = 1",
        "DELETE FROM st WHERE id = 2",
        "INSERT INTO st SELECT * FROM st WHERE id = 3 ON CONFLICT DO NOTHING");
    AuditReport audit =
        ((Reply.Audited) freshet.engine().execute(new Command.Audit(List.of("st"), 5)))
            .reports()
            .getFirst();
    assertThat(audit.equal()).isFalse();
    assertThat(audit.differences())
        .extracting(d -> d.side() + " " + d.row())
        .containsExactlyInAnyOrder("unexpected (1,-1,b1)", "missing (1,1,b1)", "missing (2,2,b2)");
    assertThat(freshet.refresh("st", Optional.of("full")).mode()).isEqualTo(Mode.FULL);
    assertThat(answer.to()).isEmpty();
  }

  @Test
  void triggerThatSwallowsRowsIsFoundByTheAudit() throws SQLException {
    freshet.sql(
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "CREATE TRIGGER swallow BEFORE UPDATE ON st FOR EACH ROW EXECUTE FUNCTION swallow()",
        "UPDATE a SET v = 7 WHERE id = 1");
    assertThat(freshet.audit())
        .filteredOn(audit -> audit.name().equals("public.st"))
        .noneMatch(AuditReport::equal);
    freshet.sql("DROP TRIGGER swallow ON st");
    freshet.refresh("st", Optional.of("full"));
  }

  @Test
  void indexesOfItsOwnAreOnlyForSpeed() throws SQLException {
    assertThat(
            answer.to(
                "DROP INDEX st_freshet_key",
                "UPDATE a SET v = 7 WHERE id = 1",
                "DELETE FROM a WHERE id = 2",
                "INSERT INTO a VALUES (50, 1, 1)"))
        .isEmpty();
  }

  @Test
  void viewInTheWayOfAWiderTypeIsNamed() throws SQLException {
    freshet.sql(
        "CREATE TABLE w (id int PRIMARY KEY, t varchar(5))", "INSERT INTO w VALUES (1, 'short')");
    answer.create("words", "SELECT id, t FROM w");
    assertThat(
            answer.to(
                "CREATE VIEW on_top AS SELECT t FROM words",
                "ALTER TABLE w ALTER COLUMN t TYPE varchar(50)"))
        .hasSize(1)
        .first()
        .asString()
        .contains("cannot alter type of a column used by a view or rule", "on_top");
    assertThat(answer.to("DROP VIEW on_top", "UPDATE w SET t = repeat('x', 50)"))
        .containsExactly("words: full");
  }
}
