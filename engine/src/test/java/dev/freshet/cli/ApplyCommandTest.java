package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of stream tables and the database become one, as people read it. */
class ApplyCommandTest {
  private static final String TWO =
      """
      stream-tables:
        - name: public.top
          query: SELECT max(total) AS best FROM revenue
        - name: public.revenue
          schedule: 5s
          query: |
            SELECT region, sum(amount) AS total
            FROM orders
            GROUP BY region
      """;

  @TempDir private Path folder;
  private Database database;
  private Setting shell;

  @BeforeEach
  void setUp() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    shell = Setting.of(database);
    database.execute(
        "CREATE TABLE orders (id int PRIMARY KEY, region text NOT NULL, amount int NOT NULL)",
        "INSERT INTO orders SELECT i, 'r' || i % 3, i FROM generate_series(1, 99) i");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
  }

  @AfterEach
  void tearDown() throws SQLException {
    database.close();
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("freshet.yaml"), yaml);
  }

  private CommandLineRun apply(String yaml, String... options) throws IOException {
    String[] arguments = new String[options.length + 2];
    arguments[0] = "apply";
    arguments[1] = file(yaml).toString();
    System.arraycopy(options, 0, arguments, 2, options.length);
    return shell.run(arguments);
  }

  private String output(CommandLineRun run) {
    return run.out().replace(folder.toString(), "…").replaceAll("in [0-9.,]+ (ms|s)\\b", "in … ms");
  }

  private String one(String sql) throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? String.valueOf(row.getString(1)) : "";
    }
  }

  @Test
  void planOfNewStreamTablesTellsTheirClassAndCreatesNothing() throws Exception {
    CommandLineRun plan = apply(TWO, "--plan");
    assertThat(plan.err()).isEmpty();
    assertThat(output(plan))
        .isEqualTo(
            """
            + create    public.revenue   (…/freshet.yaml:6:12)
                setting   schedule 5s
                maintained incrementally (algebraic)
            + create    public.top   (…/freshet.yaml:3:12)
                maintained incrementally (algebraic)

            Plan: 2 to create
            """);
    assertThat(plan.code()).isEqualTo(2);
    assertThat(one("SELECT to_regclass('revenue')")).isEqualTo("null");
    assertThat(one("SELECT count(*) FROM freshet.stream_table")).isEqualTo("0");
    assertThat(one("SELECT count(*) FROM pg_publication_tables")).isEqualTo("0");
  }

  @Test
  void applyingTwiceChangesNothingTheSecondTime() throws Exception {
    CommandLineRun first = apply(TWO);
    assertThat(first.err()).isEmpty();
    assertThat(first.code()).isEqualTo(ExitCode.OK);
    assertThat(output(first))
        .isEqualTo(
            """
            + created   public.revenue: 3 rows in … ms, maintained incrementally (algebraic)
                note: set REPLICA IDENTITY FULL on public.orders: the query needs old values
                note: published public.orders
            + created   public.top: 1 row in … ms, maintained incrementally (algebraic)

            Applied: 2 created
            """);
    String before = one("SELECT string_agg(xmin::text, ',') FROM freshet.stream_table");
    CommandLineRun second = apply(TWO);
    assertThat(second.code()).isEqualTo(ExitCode.OK);
    assertThat(output(second))
        .isEqualTo(
            """
            = unchanged public.top
            = unchanged public.revenue

            Applied: 2 unchanged
            """);
    assertThat(one("SELECT string_agg(xmin::text, ',') FROM freshet.stream_table"))
        .isEqualTo(before);
    assertThat(apply(TWO, "--plan").code()).isEqualTo(ExitCode.OK);
    assertThat(shell.run("audit").code()).isEqualTo(ExitCode.OK);
  }

  private static final String CHANGED =
      """
      stream-tables:
        public.revenue:
          mode: auto
          query: |
            SELECT region, sum(amount) AS total, count(*) AS n
            FROM orders
            GROUP BY region
        public.ranked:
          query: SELECT id, rank() OVER (ORDER BY amount) AS place FROM orders
      """;

  @Test
  void planShowsTheDifferenceOfQueryColumnsAndSettings() throws Exception {
    apply(TWO);
    assertThat(shell.run("create", "mine", "-q", "SELECT id FROM orders").code()).isZero();
    CommandLineRun plan = apply(CHANGED, "--plan");
    assertThat(output(plan))
        .isEqualTo(
            """
            ~ alter     public.revenue   (…/freshet.yaml:4:12)
                query
                  - SELECT region, sum(amount) AS total
                  + SELECT region, sum(amount) AS total, count(*) AS n
                    FROM orders
                    GROUP BY region
                column    add n bigint
                setting   mode as in section refresh → auto
                setting   schedule 5s → as in section refresh
                maintained incrementally (algebraic)
            + create    public.ranked   (…/freshet.yaml:9:12)
                maintained incrementally (affected keys)
              kept      public.mine   (not in the file; a command made it)
              kept      public.top   (not in the file any more; --prune drops it)

            Plan: 1 to create, 1 to alter, 2 not in the file
            """);
    assertThat(plan.code()).isEqualTo(2);
    assertThat(output(apply(CHANGED, "--plan", "--prune")))
        .contains("- drop      public.top   (came from …/freshet.yaml)\n", "1 to drop");

    CommandLineRun applied = apply(CHANGED);
    assertThat(applied.err()).isEmpty();
    assertThat(output(applied))
        .startsWith("~ altered   public.revenue: 3 rows in … ms, maintained incrementally")
        .contains("+ created   public.ranked: 99 rows in … ms, maintained incrementally")
        .endsWith("Applied: 1 created, 1 altered, 2 not in the file\n");
    assertThat(one("SELECT n FROM revenue WHERE region = 'r1'")).isEqualTo("33");
    assertThat(shell.run("audit").code()).isEqualTo(ExitCode.OK);
  }

  @Test
  void pruneDropsOnlyWhatCameFromAFile() throws Exception {
    apply(TWO);
    assertThat(shell.run("create", "mine", "-q", "SELECT id FROM orders").code()).isZero();
    CommandLineRun pruned = apply("stream-tables: {}\n", "--prune");
    assertThat(pruned.err()).isEmpty();
    assertThat(output(pruned))
        .contains("- dropped   public.revenue\n", "- dropped   public.top\n")
        .contains("  kept      public.mine   (not in the file; a command made it)\n");
    assertThat(one("SELECT string_agg(table_name, ',') FROM freshet.stream_table"))
        .isEqualTo("mine");
    assertThat(one("SELECT to_regclass('revenue')")).isEqualTo("null");
  }

  @Test
  void everythingThatIsWrongIsToldWithItsPlaceAndNothingIsDone() throws Exception {
    database.execute("CREATE TABLE taken (id int)");
    String yaml =
        """
        stream-tables:
          - name: public.good
            query: SELECT id FROM orders
          - name: public.typo
            query: |
              SELECT region,
                     sum(amout) AS total
              FROM orders GROUP BY region
          - name: public.taken
            query: SELECT id FROM orders
          - name: public.dice
            query: SELECT id, random() FROM orders
          - name: public.strict
            mode: incremental
            query: SELECT id, now() AS at FROM orders
          - name: public.orphan
            query: SELECT x FROM typo
        """;
    CommandLineRun run = apply(yaml);
    assertThat(run.code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(run.out()).isEmpty();
    String errors = run.err().replace(folder.toString(), "…");
    assertThat(errors)
        .startsWith(
            """
            error: 5 stream tables cannot be applied; nothing was changed

            """)
        .contains(
            """
            …/freshet.yaml:5:12: public.typo
              PostgreSQL rejects the defining query: column "amout" does not exist
              LINE 2:        sum(amout) AS total
                                 ^
              → Perhaps you meant to reference the column "orders.amount".
            """)
        .contains(
            """
            …/freshet.yaml:10:12: public.taken
              a relation named "public"."taken" exists already
            """)
        .contains("…/freshet.yaml:12:12: public.dice\n  the defining query calls ")
        .contains(
            "…/freshet.yaml:15:12: public.strict\n"
                + "  the query cannot be maintained incrementally: ")
        .contains(
            """
            …/freshet.yaml:17:12: public.orphan
              PostgreSQL rejects the defining query: relation "typo" does not exist
              LINE 1: SELECT x FROM typo
                                    ^
            """);
    assertThat(one("SELECT count(*) FROM freshet.stream_table")).isEqualTo("0");

    CommandLineRun plan = apply(yaml, "--plan");
    assertThat(plan.code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(plan.out())
        .contains("+ create    public.good", "! wrong     public.typo", "5 wrong");
    assertThat(plan.err()).startsWith("error: 5 stream tables cannot be applied; nothing would be");
  }

  @Test
  void queryThatNeedsAColumnToComeIsAppliedAfterIt() throws Exception {
    apply(TWO);
    String yaml =
        CHANGED.replaceFirst("(?s)  public.ranked:.*", "")
            + "  public.top:\n    query: SELECT max(n) AS best FROM revenue\n";
    CommandLineRun plan = apply(yaml, "--plan");
    assertThat(output(plan))
        .contains(
            """
                how it is maintained is known after public.revenue has changed: PostgreSQL rejects\
             the defining query: column "n" does not exist
            """);
    assertThat(plan.code()).isEqualTo(2);
    CommandLineRun applied = apply(yaml);
    assertThat(applied.err()).isEmpty();
    assertThat(one("SELECT best FROM top")).isEqualTo("33");
    assertThat(apply(yaml, "--plan").code()).isEqualTo(ExitCode.OK);
  }

  @Test
  void otherTextOfTheSameQueryIsStoredWithoutARefresh() throws Exception {
    apply(TWO);
    String frontier = one("SELECT string_agg(snapshot::text, ',') FROM freshet.frontier");
    String yaml = TWO.replace("SELECT region, sum", "SELECT  region,  SUM");
    assertThat(output(apply(yaml, "--plan")))
        .contains("    the query means the same to PostgreSQL: nothing is refreshed\n");
    assertThat(output(apply(yaml)))
        .contains("~ altered   public.revenue: ")
        .doesNotContain("maintained");
    assertThat(one("SELECT query FROM freshet.stream_table WHERE table_name = 'revenue'"))
        .startsWith("SELECT  region");
    assertThat(one("SELECT string_agg(snapshot::text, ',') FROM freshet.frontier"))
        .isEqualTo(frontier);
  }

  @Test
  void runningEngineAppliesAtOnce() throws Exception {
    Path config = file(TWO);
    Setting served = shell.with("FRESHET_CONFIG", config.toString());
    try (RunningEngine _ = RunningEngine.start(served)) {
      await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> one("SELECT count(*) FROM freshet.declaration").equals("2"));
      assertThat(served.run("apply", "--plan").code()).isEqualTo(ExitCode.OK);
      file(CHANGED);
      assertThat(served.run("apply", "--plan", "--prune").code()).isEqualTo(2);
      CommandLineRun applied = served.run("apply", "--prune", "--json");
      assertThat(applied.err()).isEmpty();
      assertThat(applied.out())
          .contains("\"action\" : \"ALTER\"", "\"action\" : \"CREATE\"", "\"action\" : \"DROP\"");
      assertThat(one("SELECT count(n) FROM revenue")).isEqualTo("3");
      assertThat(served.run("status").out()).containsPattern("public.revenue +algebraic");
      assertThat(served.run("status").out()).contains("public.ranked").doesNotContain("public.top");
      assertThat(served.run("audit").code()).isEqualTo(ExitCode.OK);
    }
  }

  @Test
  void catalogOfTheFirstReleaseIsCompleted() throws Exception {
    database.execute("DROP TABLE freshet.declaration");
    assertThat(apply(TWO, "--plan", "--prune").code()).isEqualTo(2);
    assertThat(apply(TWO).code()).isEqualTo(ExitCode.OK);
    assertThat(one("SELECT count(*) FROM freshet.declaration")).isEqualTo("2");
  }

  @Test
  void createOrReplaceIsIdempotent() throws Exception {
    String query = "SELECT region, count(*) AS n FROM orders GROUP BY region";
    String[] create = {"create", "counts", "--or-replace", "--schedule", "5s", "-q", query};
    assertThat(shell.run(create).out()).startsWith("public.counts: 3 rows in ");
    assertThat(shell.run(create).out()).isEqualTo("public.counts is so already: nothing changed\n");
    create[4] = "7s";
    assertThat(shell.run(create).out())
        .isEqualTo("altered stream table public.counts; its query means what it meant\n");
    assertThat(shell.run("list").out()).contains(" 7s ");
    create[6] = "SELECT region, count(*) AS n, 1 AS one FROM orders GROUP BY region";
    assertThat(shell.run(create).out()).startsWith("public.counts: 3 rows in ");
    assertThat(one("SELECT sum(one) FROM counts")).isEqualTo("3");
    create[6] = "SELECT nothing FROM orders";
    CommandLineRun rejected = shell.run(create);
    assertThat(rejected.code()).isEqualTo(ExitCode.USAGE);
    assertThat(rejected.err()).contains("column \"nothing\" does not exist", "LINE 1: ");
    database.execute("CREATE TABLE plain (id int)");
    create[1] = "plain";
    create[6] = query;
    assertThat(shell.run(create).err()).contains("a relation named \"public\".\"plain\" exists");
    assertThat(shell.run("audit").code()).isEqualTo(ExitCode.OK);
  }

  @Test
  void usageAndConfigurationErrorsOfAPlanAreNoChanges() throws Exception {
    assertThat(apply("stream-tables:\n  - nam: x\n", "--plan").code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(apply("stream-tables:\n  - nam: x\n").code()).isEqualTo(ExitCode.USAGE);
    assertThat(shell.run("apply", "--plan", "--nonsense").code()).isEqualTo(ExitCode.PROBLEM);
    assertThat(apply(TWO, "-c", "other.yaml").err())
        .startsWith("error: Give FILE or --config, not both\n");
    assertThat(shell.run("apply", folder.resolve("missing.yaml").toString()).err())
        .contains("missing.yaml");
  }
}
