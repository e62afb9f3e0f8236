package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** What {@code doctor} says of stream tables that somebody laid hands on. */
class TableChecksTest {
  @Test
  void foreignTriggersAndRulesAreNamed() throws SQLException {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase()) {
      Setting shell = Setting.of(database);
      database.execute("CREATE TABLE a (id int PRIMARY KEY, v int)");
      assertThat(shell.run("init").code()).isZero();
      assertThat(shell.run("create", "st", "--query", "SELECT id, v FROM a").code()).isZero();
      assertThat(shell.run("create", "top", "--query", "SELECT v FROM st").code()).isZero();
      assertThat(shell.run("doctor").out()).doesNotContain("not Freshet's", "FAIL");
      database.execute(
          "CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
          "CREATE TRIGGER mine BEFORE INSERT ON st FOR EACH ROW EXECUTE FUNCTION mine()",
          "CREATE RULE \"my rule\" AS ON DELETE TO st DO INSTEAD NOTHING");
      assertThat(shell.run("doctor").out())
          .containsPattern(
              "warn +stream table public.st +has triggers that are not Freshet's: mine")
          .containsPattern(
              "FAIL +stream table public.st +has rules, through which nothing can be merged: \"my"
                  + " rule\"");
    }
  }
}
