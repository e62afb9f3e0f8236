package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.random.Case;
import dev.freshet.sql.random.Script;
import dev.freshet.sql.random.Shrinker;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ShrinkerTest {

  /** As if every query with a FULL JOIN that has rows in the end were a fault. */
  @Test
  void leavesOnlyWhatTheFaultNeeds() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        var connection = database.connect()) {
      Case large =
          LongStream.iterate(1, seed -> seed + 1)
              .mapToObj(Case::of)
              .filter(c -> c.script("").query().length() > 800)
              .filter(c -> isFault(connection, c))
              .findFirst()
              .orElseThrow();
      Case small = new Shrinker(c -> isFault(connection, c), () -> true).shrink(large);
      Script script = small.script("");
      assertThat(script.query()).as("query of\n%s", script).hasSizeLessThan(120);
      assertThat(script.steps()).as("steps of\n%s", script).isEmpty();
      assertThat(script.schema()).as("schema of\n%s", script).hasSizeLessThan(6);
    }
  }

  /** A change that gets lost on the way must be noticed: otherwise the runs would prove nothing. */
  @Test
  void aLostChangeIsAWrongResult() throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        var connection = database.connect()) {
      var runner = new CaseRunner(connection, delta -> delta.subList(1, delta.size()));
      Predicate<Case> fails =
          c -> runner.kindOfFailure(c.script("")).equals("wrong result, refresh");
      Case failing =
          LongStream.iterate(1, seed -> seed + 1)
              .mapToObj(Case::of)
              .filter(fails)
              .findFirst()
              .orElseThrow();
      Script script = new Shrinker(fails, () -> true).shrink(failing).script("a lost change");
      assertThat(script.steps()).as("%s", script).hasSize(1);
      assertThat(script.steps().getFirst().changes()).as("%s", script).hasSize(1);
      assertThat(script.query()).as("%s", script).hasSizeLessThan(150);
      assertThat(Script.parse(script.toString()).toString()).isEqualTo(script.toString());
    }
  }

  private static boolean isFault(Connection connection, Case one) {
    Script script = one.script("");
    if (!script.query().contains("FULL JOIN")) {
      return false;
    }
    try (var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (String sql : script.schema()) {
        statement.execute(sql);
      }
      try (var rows = statement.executeQuery(script.query())) {
        return rows.next();
      }
    } catch (SQLException e) {
      return false;
    } finally {
      rollback(connection);
    }
  }

  private static void rollback(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
