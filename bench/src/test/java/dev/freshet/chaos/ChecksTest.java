package dev.freshet.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a run checks after an event finds what is wrong: here tables are what no engine made. */
class ChecksTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Database database;
  private Load load;
  private Audit audit;

  @BeforeEach
  void makeTables() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(SourceTables.DDL.toArray(String[]::new));
    database.execute("INSERT INTO append SELECT 1, i, '' FROM generate_series(1, 20) i");
    for (Shape shape : Shape.ALL) {
      database.execute("CREATE TABLE %s AS %s".formatted(shape.name(), shape.query()));
    }
    load = Load.idle(database, 1);
    audit = new Audit(database, load);
  }

  @AfterEach
  void dropTables() throws SQLException {
    database.close();
  }

  private Audit.Finding compare() throws SQLException {
    return audit.compare(PATIENCE, () -> {});
  }

  @Test
  void auditIsCleanWhereEveryTableEqualsItsQuery() throws SQLException {
    assertThat(compare().isClean()).isTrue();
  }

  @Test
  void auditFindsARowThatIsWrong() throws SQLException {
    database.execute("UPDATE bank_branch SET least = least - 1 WHERE branch = 2");
    assertThat(compare().mismatches())
        .singleElement()
        .asString()
        .startsWith("bank_branch differs from its query: [(unexpected,2,20,20000,999,1000)")
        .contains("(missing,2,20,20000,1000,1000)");
  }

  @Test
  void auditFindsARowOfABagThatIsThereTwice() throws SQLException {
    database.execute("INSERT INTO tag_bag SELECT * FROM tag_bag LIMIT 1");
    assertThat(compare().mismatches()).singleElement().asString().startsWith("tag_bag differs");
  }

  @Test
  void auditFindsAnAcknowledgedAppendThatIsLost() throws SQLException {
    load.lists().getFirst().acknowledged().put(1, 21);
    assertThat(compare().lost()).containsExactly("list 1 ends with 20, 21 was acknowledged");
  }

  @Test
  void auditFindsAnAppendThatIsThereTwice() throws SQLException {
    database.execute(
        "UPDATE list_copy SET n = n + 1, items = replace(items, ',5,', ',5,5,')",
        "UPDATE list_state SET n = n + 1, items = replace(items, ',5,', ',5,5,')");
    assertThat(compare().lost()).containsExactly("list 1 has gaps or doubles");
  }

  @Test
  void witnessSeesMoneyThatCameFromNowhere() throws SQLException {
    assertThat(seen("UPDATE bank_branch SET total = total + 1 WHERE branch = 1"))
        .isEqualTo(
            "bank: bank_branch has 120001, bank_total 120000, bank_report 120000; there are"
                + " 120000");
  }

  @Test
  void witnessSeesLevelsApart() throws SQLException {
    assertThat(seen("UPDATE list_copy SET n = 19, last = 19, items = replace(items, ',20', '')"))
        .isEqualTo("list 1: list_state has 20 elements, list_copy 19");
  }

  @Test
  void witnessSeesAListThatGetsShorter() throws SQLException {
    String shorter = "UPDATE %s SET n = 19, last = 19, items = replace(items, ',20', '')";
    assertThat(
            seen(
                "BEGIN; %s; %s; COMMIT"
                    .formatted(shorter.formatted("list_state"), shorter.formatted("list_copy"))))
        .isEqualTo("list 1 had 20 elements and has 19");
  }

  private String seen(String wrong) throws SQLException {
    try (Witness witness = Witness.start(database)) {
      await().atMost(PATIENCE).until(() -> witness.looks() > 0);
      assertThat(witness.violation()).isEmpty();
      database.execute(wrong);
      await().atMost(PATIENCE).until(() -> witness.violation().isPresent());
      return witness.violation().orElseThrow();
    }
  }

  @Test
  void refillIsPermittedOfWhatTheEventConcerns() {
    Refills.Expected expected = Refills.Expected.of("item");
    assertThat(
            Map.of(
                "item_top", true,
                "group_tags", true,
                "tag_bag", false,
                "bank_total", false))
        .allSatisfy(
            (table, permitted) ->
                assertThat(expected.permits(new Refills.Refill(table, "truncated")))
                    .as(table)
                    .isEqualTo(permitted));
    Refills.Refill undone =
        new Refills.Refill("tree", "its frontier was moved by somebody else or undone by a crash");
    assertThat(expected.permits(undone)).isFalse();
    assertThat(Refills.Expected.none().permits(undone)).isFalse();
    assertThat(Refills.Expected.undone().permits(undone)).isTrue();
  }
}
