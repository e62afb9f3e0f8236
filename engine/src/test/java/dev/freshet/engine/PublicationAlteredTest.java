package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Somebody alters the publication: nothing that it left out is missed silently. */
class PublicationAlteredTest {
  private interface Script {
    void run(Freshet freshet, Answers answer) throws SQLException;
  }

  private static void on(PgVersion version, Map<String, String> settings, Script script)
      throws SQLException {
    try (Freshet freshet = Freshet.on(SharedServer.of(version), settings)) {
      freshet.sql(
          "CREATE SCHEMA live",
          "CREATE TABLE a (id int PRIMARY KEY, v int)",
          "CREATE TABLE b (id int PRIMARY KEY, v int)",
          "INSERT INTO a SELECT i, i FROM generate_series(1, 30) i",
          "INSERT INTO b SELECT i, i FROM generate_series(1, 30) i");
      if (!freshet.config().cdc().managePublication()) {
        freshet.sql("ALTER PUBLICATION freshet ADD TABLE a, b");
      }
      Answers answer = new Answers(freshet);
      answer.create("live.of_a", "SELECT id, v FROM a");
      answer.create("live.of_b", "SELECT id, v FROM b");
      script.run(freshet, answer);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"V15", "V18"})
  void operationsLeftOutStopEverythingUntilTheyArePublishedAgain(PgVersion version)
      throws SQLException {
    on(
        version,
        Map.of(),
        (freshet, answer) -> {
          String cause =
              "publication \"freshet\" leaves out update, delete, truncate (somebody altered the"
                  + " publication)";
          assertThat(
                  answer.to(
                      "ALTER PUBLICATION freshet SET (publish = 'insert')",
                      "UPDATE a SET v = 100 WHERE id = 1"))
              .containsExactly("live.of_a: failed: " + cause, "live.of_b: failed: " + cause);
          assertThat(
                  answer.to(
                      "ALTER PUBLICATION freshet SET (publish = 'insert, update, delete,"
                          + " truncate')"))
              .containsExactly("live.of_a: full", "live.of_b: full");
          assertThat(answer.to("UPDATE a SET v = 101 WHERE id = 1")).isEmpty();
        });
  }

  /** What it left out for a moment is lost to the log, and nothing else tells. */
  @ParameterizedTest
  @EnumSource(names = {"V15", "V18"})
  void operationsLeftOutForAMomentAreNotMissed(PgVersion version) throws SQLException {
    on(
        version,
        Map.of(),
        (freshet, answer) ->
            assertThat(
                    answer.to(
                        "ALTER PUBLICATION freshet SET (publish = 'insert')",
                        "UPDATE a SET v = 100 WHERE id = 1",
                        "ALTER PUBLICATION freshet SET (publish = 'insert, update, delete,"
                            + " truncate')"))
                .containsExactly("live.of_a: full", "live.of_b: full"));
  }

  @Test
  void rowFilterAndColumnListStopWhatTheyConcern() throws SQLException {
    on(
        PgVersion.V18,
        Map.of(),
        (freshet, answer) -> {
          String cause =
              "publication \"freshet\" has a row filter or column list on public.a (somebody"
                  + " altered the publication)";
          assertThat(
                  answer.to(
                      "ALTER PUBLICATION freshet SET TABLE a WHERE (id < 5), b",
                      "INSERT INTO a VALUES (100, 1)"))
              .containsExactly("live.of_a: failed: " + cause);
          assertThat(freshet.status("live.of_a").stateReason())
              .contains("ALTER PUBLICATION \"freshet\" ADD TABLE \"public\".\"a\";");
          assertThat(answer.to("ALTER PUBLICATION freshet SET TABLE a (id), b"))
              .containsExactly("live.of_a: failed: " + cause);
          assertThat(answer.to("ALTER PUBLICATION freshet SET TABLE a, b"))
              .containsExactly("live.of_a: full");
          assertThat(answer.to("UPDATE a SET v = 7 WHERE id = 20")).isEmpty();
        });
  }

  @Test
  void tableThatSomebodyTookOutIsPublishedAgain() throws SQLException {
    on(
        PgVersion.V18,
        Map.of(),
        (freshet, answer) -> {
          assertThat(
                  answer.to(
                      "ALTER PUBLICATION freshet DROP TABLE a", "UPDATE a SET v = 7 WHERE id = 1"))
              .containsExactly("live.of_a: full");
          assertThat(answer.to("UPDATE a SET v = 8 WHERE id = 1")).isEmpty();
        });
  }

  @Test
  void withoutTheRightToPublishItIsWaitedFor() throws SQLException {
    on(
        PgVersion.V18,
        Map.of("cdc.manage-publication", "false"),
        (freshet, answer) -> {
          assertThat(answer.to("ALTER PUBLICATION freshet DROP TABLE a"))
              .containsExactly(
                  "live.of_a: failed: publication \"freshet\" does not publish public.a"
                      + " (cdc.manage-publication is false)");
          assertThat(freshet.status("live.of_a").stateReason())
              .contains("ALTER PUBLICATION \"freshet\" ADD TABLE \"public\".\"a\";");
          assertThat(
                  answer.to(
                      "UPDATE a SET v = 7 WHERE id = 1", "ALTER PUBLICATION freshet ADD TABLE a"))
              .containsExactly("live.of_a: full");
          assertThat(answer.to("UPDATE a SET v = 8 WHERE id = 1")).isEmpty();
        });
  }

  @Test
  void schemaThatIsTakenOutIsMissed() throws SQLException {
    on(
        PgVersion.V18,
        Map.of("cdc.manage-publication", "false"),
        (freshet, answer) -> {
          assertThat(
                  answer.to(
                      "ALTER PUBLICATION freshet DROP TABLE a, b",
                      "ALTER PUBLICATION freshet ADD TABLES IN SCHEMA public"))
              .containsExactly("live.of_a: full", "live.of_b: full");
          assertThat(answer.to("UPDATE a SET v = 8 WHERE id = 1")).isEmpty();
          assertThat(
                  answer.to(
                      "ALTER PUBLICATION freshet DROP TABLES IN SCHEMA public",
                      "UPDATE a SET v = 9 WHERE id = 1",
                      "ALTER PUBLICATION freshet ADD TABLES IN SCHEMA public"))
              .containsExactly("live.of_a: full", "live.of_b: full");
        });
  }

  @Test
  void publicationThatIsDroppedIsMadeAgain() throws SQLException {
    on(
        PgVersion.V18,
        Map.of(),
        (freshet, answer) -> {
          assertThat(answer.to("DROP PUBLICATION freshet", "UPDATE a SET v = 7 WHERE id = 1"))
              .containsExactly("live.of_a: full", "live.of_b: full");
          assertThat(answer.to("UPDATE a SET v = 8 WHERE id = 1")).isEmpty();
        });
  }

  @Test
  void publicationThatIsDroppedIsAskedForWhereItIsNotManaged() throws SQLException {
    on(
        PgVersion.V18,
        Map.of("cdc.manage-publication", "false"),
        (freshet, answer) -> {
          String cause =
              ": failed: publication freshet does not exist (cdc.manage-publication is false)";
          assertThat(answer.to("DROP PUBLICATION freshet"))
              .containsExactly("live.of_a" + cause, "live.of_b" + cause);
          assertThat(freshet.status("live.of_a").stateReason())
              .contains("CREATE PUBLICATION \"freshet\" FOR TABLE \"public\".\"a\"");
          assertThat(
                  answer.to(
                      "UPDATE a SET v = 7 WHERE id = 1",
                      "CREATE PUBLICATION freshet FOR TABLE a, b"
                          + " WITH (publish_via_partition_root = true)"))
              .containsExactly("live.of_a: full", "live.of_b: full");
          assertThat(answer.to("UPDATE a SET v = 8 WHERE id = 1")).isEmpty();
        });
  }
}
