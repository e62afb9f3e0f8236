package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a missing index is shown. */
class MissingIndexTextTest {
  private static final String JOIN =
      "SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id";

  private Database database;
  private Setting shell;

  @BeforeEach
  void setUp() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    shell = Setting.of(database);
    database.execute(
        "CREATE TABLE customer (id int PRIMARY KEY, name text)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, note text)",
        "INSERT INTO customer SELECT i, 'name ' || i FROM generate_series(1, 5000) i",
        "INSERT INTO orders SELECT i, 1 + i % 5000, repeat('x', 40)"
            + " FROM generate_series(1, 20000) i",
        "ANALYZE");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void tearDown() throws SQLException {
    database.close();
  }

  @Test
  void explainNamesItForPeopleAndForPrograms() {
    assertThat(shell.run("explain", "--query", JOIN).out())
        .contains(
            "missing index: CREATE INDEX ON public.orders (customer_id);  -- changes of customer"
                + " read all of orders otherwise, for a join\n");
    assertThat(shell.run("explain", "--json", "--query", JOIN).out())
        .contains(
            """
              "missingIndexes" : [ {
                "table" : "public.orders",
                "columns" : [ "customer_id" ],
                "sql" : "CREATE INDEX ON public.orders (customer_id);",
                "reason" : "changes of customer read all of orders otherwise, for a join"
              } ],
            """);
  }

  @Test
  void createAndDoctorNameIt() throws SQLException {
    assertThat(shell.run("create", "joined", "--query", JOIN).out())
        .contains("note: missing index: CREATE INDEX ON public.orders (customer_id);");
    assertThat(shell.run("doctor").out())
        .containsPattern(
            "warn +stream table public.joined +an index is missing: changes of customer read all")
        .contains("CREATE INDEX ON public.orders (customer_id);");
    database.execute("CREATE INDEX ON orders (customer_id)");
    assertThat(shell.run("doctor").out()).doesNotContain("an index is missing");
    assertThat(shell.run("explain", "joined").out()).doesNotContain("missing index");
    assertThat(shell.run("explain", "--json", "joined").out()).contains("\"missingIndexes\" : [ ]");
  }
}
