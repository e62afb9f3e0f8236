package dev.freshet.engine.script;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.script.ScriptPart.ForPsql;
import dev.freshet.engine.script.ScriptPart.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptTest {

  private static List<String> statements(String script) {
    return Script.parts(script).stream()
        .filter(Statement.class::isInstance)
        .map(part -> ((Statement) part).text())
        .toList();
  }

  private static List<String> forPsql(String script) {
    return Script.parts(script).stream()
        .filter(ForPsql.class::isInstance)
        .map(part -> ((ForPsql) part).what())
        .toList();
  }

  @Test
  void cutsAtSemicolonsAndNeedsNoneAtTheEnd() {
    assertThat(statements("SELECT 1; ;\nSELECT 2")).containsExactly("SELECT 1", "SELECT 2");
    assertThat(statements(" \n-- nothing\n")).isEmpty();
  }

  @Test
  void semicolonInQuotesEndsNothing() {
    assertThat(statements("SELECT 'a;b', \"c;d\"; SELECT 'it''s;'"))
        .containsExactly("SELECT 'a;b', \"c;d\"", "SELECT 'it''s;'");
    assertThat(statements("SELECT E'it\\';s'; SELECT 2"))
        .containsExactly("SELECT E'it\\';s'", "SELECT 2");
    assertThat(statements("SELECT 'back\\'; SELECT 2"))
        .containsExactly("SELECT 'back\\'", "SELECT 2");
  }

  @Test
  void semicolonInDollarQuotesEndsNothing() {
    assertThat(statements("DO $$ BEGIN x; END $$; SELECT $a$ ; $b$ ; $a$; SELECT a$b$c; SELECT $1"))
        .containsExactly(
            "DO $$ BEGIN x; END $$", "SELECT $a$ ; $b$ ; $a$", "SELECT a$b$c", "SELECT $1");
  }

  @Test
  void semicolonInCommentsEndsNothing() {
    assertThat(statements("SELECT 1 -- one; two\n+ 1; SELECT /* ; /* ; */ ; */ 2"))
        .containsExactly("SELECT 1 -- one; two\n+ 1", "SELECT /* ; /* ; */ ; */ 2");
  }

  @Test
  void semicolonInParenthesesEndsNothing() {
    assertThat(statements("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3"))
        .containsExactly("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3");
  }

  @Test
  void bodyOfAFunctionIsPartOfIt() {
    String function =
        """
        CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql
        BEGIN ATOMIC
          SELECT 1;
          SELECT CASE WHEN a > 0 THEN 1 ELSE 2 END;
        END\
        """;
    assertThat(statements(function + ";\nSELECT 1;")).containsExactly(function, "SELECT 1");
    assertThat(statements("BEGIN; SELECT 1; END;")).containsExactly("BEGIN", "SELECT 1", "END");
  }

  @Test
  void commandsOfPsqlAreSetApart() {
    String script =
        "\\set ON_ERROR_STOP on\nSELECT 1;\n\\echo it's; done\nSELECT 2 \\gset\nSELECT 3";
    assertThat(statements(script)).containsExactly("SELECT 1", "SELECT 2", "SELECT 3");
    assertThat(forPsql(script)).containsExactly("\\set", "\\echo", "\\gset");
  }

  @Test
  void dataOfCopyIsNoStatement() {
    String script = "COPY t (a, b) FROM stdin;\n1\tit's; odd\n\\N\t2\n\\.\n\nSELECT 1;";
    assertThat(statements(script)).containsExactly("COPY t (a, b) FROM stdin", "SELECT 1");
    assertThat(statements("COPY t FROM STDIN WITH (FORMAT csv);\n1;2\n\\.\n")).hasSize(1);
  }

  @Test
  void commentRightAboveBelongsToTheStatement() {
    String script =
        "-- A file.\n\n-- Which?\n-- And why?\nSELECT 1;\nSELECT 2; -- not this\n\nSELECT 3";
    assertThat(Script.parts(script))
        .extracting(part -> ((Statement) part).comment())
        .containsExactly("Which? And why?", "", "");
  }

  @Test
  void positionsCountInTheScript() {
    String script = "SELECT 1;\n  SELECT 2;";
    assertThat(Script.parts(script)).extracting(ScriptPart::start).containsExactly(0, 12);
  }

  @Test
  void whatIsNotClosedReachesToTheEnd() {
    assertThat(statements("SELECT 'a; b")).containsExactly("SELECT 'a; b");
    assertThat(statements("SELECT $$ a; b")).containsExactly("SELECT $$ a; b");
    assertThat(statements("SELECT (1; 2")).containsExactly("SELECT (1; 2");
    assertThat(statements("SELECT 1 /* ; ")).containsExactly("SELECT 1");
  }
}
