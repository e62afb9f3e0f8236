package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Another query for a stream table: the table stays, and so does what people made of it. */
@ExtendWith(FreshetExtension.class)
class AlterQueryTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String COLUMNS =
      """
      SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
      FROM pg_attribute
      WHERE attrelid = 'st'::regclass AND attnum > 0 AND NOT attisdropped\
      """;

  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE a (id int PRIMARY KEY, k text NOT NULL, v int NOT NULL)",
        "INSERT INTO a SELECT i, 'k' || i % 3, i FROM generate_series(1, 9) i",
        "CREATE TABLE bag (k text, v int)",
        "ALTER TABLE bag REPLICA IDENTITY FULL",
        "INSERT INTO bag SELECT 'k' || i % 3, i % 2 FROM generate_series(1, 9) i");
  }

  private Reply.Created alter(String query) {
    return (Reply.Created)
        freshet.engine().execute(new Command.Alter("st", Optional.of(query), Map.of()));
  }

  private String one(String query) throws SQLException {
    return String.join("|", freshet.rows(query));
  }

  private void audit() {
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  /** Changes every source in every way, refreshes and compares. */
  private void follow() throws SQLException {
    freshet.sql(
        "INSERT INTO a SELECT max(id) + 1, 'new', 1 FROM a",
        "UPDATE a SET v = v + 1, k = 'moved' WHERE id = (SELECT min(id) FROM a WHERE k <> 'moved')",
        "INSERT INTO bag VALUES ('k1', 1), ('k1', 1), (NULL, NULL)",
        "DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag)");
    if (freshet.status("st").refreshClass().equals("full")) {
      freshet.refresh("st");
    } else {
      freshet.refreshIncrementally("st");
    }
    audit();
  }

  @Test
  void sameColumnsKeepTableAndRowsThatStayTheSame() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    String before = one("SELECT 'st'::regclass::oid, pg_relation_filenode('st')");
    String row = one("SELECT ctid FROM st WHERE id = 9");
    alter("SELECT id, CASE WHEN id < 5 THEN -v ELSE v END AS v FROM a");
    assertThat(one("SELECT 'st'::regclass::oid, pg_relation_filenode('st')")).isEqualTo(before);
    assertThat(one("SELECT ctid FROM st WHERE id = 9")).isEqualTo(row);
    assertThat(one("SELECT v FROM st WHERE id = 1")).isEqualTo("(-1)");
    follow();
  }

  @Test
  void sameColumnsBlockNoReader() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    try (Connection reader = freshet.database().connect();
        Statement statement = reader.createStatement()) {
      statement.execute("BEGIN");
      statement.executeQuery("SELECT * FROM st").close();
      alter("SELECT id, v * 2 AS v FROM a");
      statement.execute("COMMIT");
    }
    follow();
  }

  @Test
  void columnIsAddedBehindTheOthers() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    alter("SELECT id, k, v FROM a");
    assertThat(one(COLUMNS)).isEqualTo("(\"id integer, v integer, k text\")");
    assertThat(one("SELECT k, v FROM st WHERE id = 4")).isEqualTo("(k1,4)");
    follow();
  }

  @Test
  void columnIsDropped() throws SQLException {
    freshet.create("st", "SELECT id, k, v FROM a");
    alter("SELECT id, v FROM a");
    assertThat(one(COLUMNS)).isEqualTo("(\"id integer, v integer\")");
    follow();
  }

  @Test
  void keyThatIsNoLongerSelectedIsHidden() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    alter("SELECT v FROM a");
    assertThat(one(COLUMNS)).startsWith("(\"v integer, __freshet_");
    follow();
    alter("SELECT v, id FROM a");
    assertThat(one(COLUMNS)).isEqualTo("(\"v integer, id integer\")");
    follow();
  }

  @Test
  void typeIsChanged() throws SQLException {
    freshet.create("st", "SELECT id, v, k FROM a");
    alter("SELECT id, 'v' || v AS v, k::varchar(7) COLLATE \"C\" AS k FROM a");
    assertThat(one(COLUMNS)).isEqualTo("(\"id integer, v text, k character varying(7)\")");
    assertThat(one("SELECT v FROM st WHERE id = 4")).isEqualTo("(v4)");
    assertThat(one("SELECT DISTINCT pg_collation_for(k) FROM st")).isEqualTo("(\"\"\"C\"\"\")");
    follow();
    alter("SELECT id, v, k FROM a");
    assertThat(one(COLUMNS)).isEqualTo("(\"id integer, v integer, k text\")");
    follow();
  }

  @Test
  void everyClassTurnsIntoEveryOther() throws SQLException {
    List<String> queries =
        List.of(
            "SELECT k, v FROM a",
            "SELECT k, v FROM bag",
            "SELECT k, sum(v)::int AS v FROM bag GROUP BY k",
            "SELECT k, v FROM a UNION ALL SELECT k, v FROM bag",
            "SELECT k, max(v) AS v FROM a GROUP BY k",
            "SELECT k, v FROM (SELECT k, v, row_number() OVER (ORDER BY v) AS n FROM a) q",
            "SELECT 'all' AS k, count(*)::int AS v FROM a",
            "SELECT k, v FROM bag UNION ALL SELECT k, v FROM bag UNION ALL SELECT k, 0 FROM a");
    freshet.create("st", queries.getFirst());
    String oid = one("SELECT 'st'::regclass::oid");
    Map<String, List<String>> indexes = new LinkedHashMap<>();
    for (String query : queries) {
      indexes.put(query, engineIndexesOfFresh(query));
    }
    for (String query : throughEveryPair(queries)) {
      alter(query);
      assertThat(engineIndexes()).as(query).isEqualTo(indexes.get(query));
      audit();
      follow();
    }
    assertThat(one("SELECT 'st'::regclass::oid")).isEqualTo(oid);
  }

  /** A walk from the first one that takes each of them to each other once. */
  private static List<String> throughEveryPair(List<String> all) {
    List<String> walk = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        walk.add(all.get(j));
        walk.add(all.get(i));
      }
      walk.addAll(i + 1 < all.size() ? List.of(all.get(i + 1)) : List.of());
    }
    return walk;
  }

  private static final String INDEXES =
      """
      SELECT pg_get_indexdef(indexrelid) AS d FROM pg_index WHERE indrelid = '%s'::regclass ORDER BY 1\
      """;

  private List<String> engineIndexes() throws SQLException {
    return freshet.rows(INDEXES.formatted("st"));
  }

  private List<String> engineIndexesOfFresh(String query) throws SQLException {
    freshet.create("other", query);
    List<String> indexes =
        freshet.rows(INDEXES.formatted("other")).stream()
            .map(index -> index.replace(" other_", " st_").replace(".other ", ".st "))
            .toList();
    freshet.engine().execute(new Command.Drop("other", false));
    return indexes;
  }

  @Test
  void columnsChangeTogetherWithTheClass() throws SQLException {
    freshet.create("st", "SELECT id, k, v FROM a");
    for (String query :
        List.of(
            "SELECT k, sum(v) AS v, count(*) AS n FROM a GROUP BY k",
            "SELECT id, k, v::numeric(10,2) AS v FROM a ORDER BY v DESC LIMIT 3",
            "SELECT k, sum(v) AS v, avg(v) AS mean FROM bag GROUP BY k",
            "SELECT v FROM bag",
            "SELECT id, k, v FROM a")) {
      alter(query);
      audit();
      follow();
    }
  }

  @Test
  void whatPeopleMadeOfTheTableStays() throws SQLException {
    freshet.create("st", "SELECT id, k, v FROM a");
    freshet.sql(
        "CREATE INDEX mine ON st (k)",
        "CREATE INDEX of_v ON st (v)",
        "COMMENT ON TABLE st IS 'about st'",
        "COMMENT ON COLUMN st.k IS 'about k'",
        "CREATE ROLE %s".formatted(reader()),
        "GRANT SELECT ON st TO " + reader(),
        "GRANT UPDATE (k) ON st TO " + reader(),
        "ALTER TABLE st ALTER k SET STATISTICS 500",
        "ALTER TABLE st SET (autovacuum_vacuum_scale_factor = 0.05)",
        "ALTER TABLE st ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY only_k ON st USING (k <> 'secret')",
        "CREATE VIEW over_st AS SELECT k, id FROM st");
    String before = made();
    alter("SELECT id, k, v::text AS v, v + 1 AS w FROM a");
    assertThat(made()).isEqualTo(before).contains("mine", "of_v", "only_k", "about k");
    follow();
    alter("SELECT DISTINCT k, 1 AS id FROM bag");
    assertThat(made()).isEqualTo(before.replace("\"mine,of_v\"", "mine"));
    assertThat(one("SELECT count(*) FROM over_st")).isEqualTo(one("SELECT count(*) FROM st"));
    follow();
    freshet.sql("DROP OWNED BY " + reader(), "DROP ROLE " + reader());
  }

  private String reader() {
    return freshet.database().name() + "_reader";
  }

  private String made() throws SQLException {
    return one(
        """
        SELECT obj_description(c.oid), relacl, reloptions, relrowsecurity,
          (SELECT string_agg(x.relname, ',' ORDER BY x.relname) FROM pg_index
            JOIN pg_class x ON x.oid = indexrelid
            WHERE indrelid = c.oid AND x.relname NOT LIKE '%_freshet_%'),
          (SELECT col_description(c.oid, attnum) || attstattarget || attacl::text
            FROM pg_attribute WHERE attrelid = c.oid AND attname = 'k'),
          (SELECT polname FROM pg_policy WHERE polrelid = c.oid)
        FROM pg_class c WHERE c.oid = 'st'::regclass\
        """);
  }

  @Test
  void viewThatNeedsAColumnThatGoesIsInTheWay() throws SQLException {
    freshet.create("st", "SELECT id, k, v FROM a");
    freshet.sql("CREATE VIEW over_st AS SELECT v FROM st");
    String before = one("SELECT count(*), sum(v) FROM st") + one(COLUMNS);
    for (String query :
        List.of("SELECT id, k FROM a", "SELECT id, k, v::text AS v FROM a WHERE id > 3")) {
      assertThatThrownBy(() -> alter(query))
          .isInstanceOfSatisfying(
              FreshetException.class,
              e ->
                  assertThat(e.remedy())
                      .startsWith("nothing was changed. Drop what depends on the column"))
          .hasMessageContaining("cannot change the columns of \"public\".\"st\": cannot ")
          .hasMessageContaining("over_st");
      assertThat(one("SELECT count(*), sum(v) FROM st") + one(COLUMNS)).isEqualTo(before);
    }
    follow();
  }

  @Test
  void queryThatPostgresqlRejectsChangesNothing() throws SQLException {
    freshet.create("st", "SELECT id, k, v FROM a");
    for (String query : List.of("SELECT nothing FROM a", "SELECT random() FROM a", "SELEC")) {
      assertThatThrownBy(() -> alter(query))
          .isInstanceOfSatisfying(
              FreshetException.class,
              e -> assertThat(e.kind()).isIn(Kind.BAD_QUERY, Kind.UNSUPPORTED_QUERY));
    }
    assertThat(one("SELECT query FROM freshet.stream_table"))
        .isEqualTo("(\"SELECT id, k, v FROM a\")");
    follow();
  }

  @Test
  void queryThatFailsWhileItIsFilledChangesNothing() throws SQLException {
    freshet.create("st", "SELECT id, v FROM a");
    for (String query :
        List.of("SELECT id, 1 / (v - 4) AS v FROM a", "SELECT 1 / (v - 4) FROM a")) {
      assertThatThrownBy(() -> alter(query)).hasMessageContaining("division by zero");
      assertThat(one("SELECT query FROM freshet.stream_table"))
          .isEqualTo("(\"SELECT id, v FROM a\")");
      follow();
    }
  }

  @Test
  void brokenStreamTableIsHealedByAnotherQuery() throws SQLException {
    freshet.create("st", "SELECT id, k, v FROM a");
    freshet.sql("ALTER TABLE a RENAME k TO kind", "UPDATE a SET v = 0 WHERE id = 1");
    assertThatThrownBy(() -> freshet.refresh("st")).hasMessageContaining("column \"k\"");
    assertThat(freshet.status("st").state()).isEqualTo("failed");
    alter("SELECT id, kind, v FROM a");
    assertThat(freshet.status("st").state()).isEqualTo("active");
    assertThat(one(COLUMNS)).isEqualTo("(\"id integer, v integer, kind text\")");
    freshet.sql("UPDATE a SET kind = 'x' WHERE id = 1");
    freshet.follow("st");
  }

  @Test
  void readersThatComeLaterAreNotHeldUpByOneThatStays() throws Exception {
    freshet.create("st", "SELECT id, v FROM a");
    CompletableFuture<Reply.Created> altered;
    try (Connection stays = freshet.database().connect();
        Statement statement = stays.createStatement()) {
      statement.execute("BEGIN");
      statement.executeQuery("SELECT * FROM st").close();
      altered = CompletableFuture.supplyAsync(() -> alter("SELECT id, v, k FROM a"));
      await().atMost(PATIENCE).until(this::someoneWaitsForTheTable);
      for (int i = 0; i < 5; i++) {
        assertThat(one("SELECT count(*) FROM st")).isEqualTo("(9)");
        assertThat(altered).isNotDone();
      }
      statement.execute("COMMIT");
    }
    assertThat(altered.join().rows()).isEqualTo(9);
    follow();
  }

  private boolean someoneWaitsForTheTable() throws SQLException {
    return !freshet
        .rows("SELECT FROM pg_locks WHERE relation = 'st'::regclass AND NOT granted")
        .isEmpty();
  }

  @Test
  void engineKilledInTheMiddleLeavesTheOldTable() throws Exception {
    freshet.create("st", "SELECT id, v FROM a");
    freshet.engine().close();
    String before = one("SELECT sum(v), count(*) FROM st") + one(COLUMNS);
    try (Connection stays = freshet.database().connect();
        Statement statement = stays.createStatement();
        EngineProcess engine = EngineProcess.launch(freshet.database(), Map.of()).awaitServing();
        EngineClient client = EngineClient.connect(freshet.config())) {
      statement.execute("BEGIN");
      statement.executeQuery("SELECT * FROM st").close();
      CompletableFuture<Void> asking =
          CompletableFuture.runAsync(
              () ->
                  client.execute(
                      new Command.Alter("st", Optional.of("SELECT k FROM bag"), Map.of())));
      await().atMost(PATIENCE).until(this::someoneWaitsForTheTable);
      engine.kill();
      statement.execute("COMMIT");
      await().atMost(PATIENCE).until(() -> !someoneWaitsForTheTable());
      assertThat(one("SELECT sum(v), count(*) FROM st") + one(COLUMNS)).isEqualTo(before);
      assertThat(one("SELECT query FROM freshet.stream_table"))
          .isEqualTo("(\"SELECT id, v FROM a\")");
      // Nobody answers the killed engine's command: the client takes it back and does it itself.
      asking.join();
    }
    freshet.restartEngine();
    assertThat(one("SELECT query FROM freshet.stream_table")).isEqualTo("(\"SELECT k FROM bag\")");
    follow();
  }
}
