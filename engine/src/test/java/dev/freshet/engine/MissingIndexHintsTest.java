package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the catalog's indexes are held against what a query looks rows up by. */
@ExtendWith(FreshetExtension.class)
class MissingIndexHintsTest {
  private static final String JOIN =
      "SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id";

  private static final String WANTED = "CREATE INDEX ON public.orders (customer_id);";

  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet own) throws SQLException {
    freshet = own;
    freshet.sql(
        "CREATE TABLE customer (id int PRIMARY KEY, name text, city text)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int, status int, note text)",
        "INSERT INTO customer SELECT i, repeat('y', 200) || i, 'city ' || i FROM generate_series(1,"
            + " 5000) i",
        "INSERT INTO orders SELECT i, 1 + i % 5000, i % 3, repeat('x', 40)"
            + " FROM generate_series(1, 20000) i",
        "ANALYZE");
  }

  private List<String> missing(String query) {
    try (EngineClient client = EngineClient.connect(freshet.config())) {
      return client.explain(query).missingIndexes().stream().map(IndexHint::statement).toList();
    }
  }

  @Test
  void createSaysWhatIsMissingUntilItIsThere() throws SQLException {
    assertThat(freshet.create("st", JOIN).notices())
        .anyMatch(
            notice ->
                notice.equals(
                    "missing index: "
                        + WANTED
                        + "  -- changes of customer read all of orders otherwise, for a join"));
    freshet.sql(missing(JOIN).getFirst());
    assertThat(missing(JOIN)).isEmpty();
    assertThat(freshet.create("st2", JOIN).notices()).noneMatch(n -> n.contains("index"));
  }

  @Test
  void indexThatDoesNotFindRowsDoesNotCount() throws SQLException {
    for (String useless :
        List.of(
            "CREATE INDEX i ON orders (id, customer_id)",
            "CREATE INDEX i ON orders (customer_id) WHERE status = 1",
            "CREATE INDEX i ON orders (status) INCLUDE (customer_id)",
            "CREATE INDEX i ON orders USING brin (customer_id)",
            "CREATE INDEX i ON orders ((customer_id + 0))")) {
      freshet.sql(useless);
      assertThat(missing(JOIN)).as(useless).containsExactly(WANTED);
      freshet.sql("DROP INDEX i");
    }
    freshet.sql(
        "CREATE INDEX i ON orders (customer_id)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass");
    assertThat(missing(JOIN)).as("invalid").containsExactly(WANTED);
    freshet.sql("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'i'::regclass");
    assertThat(missing(JOIN)).isEmpty();
  }

  @Test
  void indexThatFindsRowsCounts() throws SQLException {
    for (String useful :
        List.of(
            "CREATE INDEX i ON orders (customer_id, status)",
            "CREATE INDEX i ON orders USING hash (customer_id)",
            "CREATE UNIQUE INDEX i ON orders (customer_id, id)")) {
      freshet.sql(useful);
      assertThat(missing(JOIN)).as(useful).isEmpty();
      freshet.sql("DROP INDEX i");
    }
  }

  @Test
  void textIsFoundUnderItsOwnCollationOnly() throws SQLException {
    String query = "SELECT o.id, c.id AS c FROM orders o JOIN customer c ON c.city = o.note";
    freshet.sql(
        "UPDATE orders SET note = 'city ' || customer_id",
        "ANALYZE orders",
        "CREATE INDEX ON orders (note)");
    assertThat(missing(query)).containsExactly("CREATE INDEX ON public.customer (city);");
    freshet.sql("CREATE INDEX i ON customer (city COLLATE \"C\")");
    assertThat(missing(query)).containsExactly("CREATE INDEX ON public.customer (city);");
    freshet.sql("DROP INDEX i", "CREATE INDEX i ON customer (city text_pattern_ops)");
    assertThat(missing(query)).isEmpty();
  }

  @Test
  void smallTableNeedsNone() throws SQLException {
    freshet.sql("DELETE FROM orders WHERE id > 100", "VACUUM FULL orders", "ANALYZE orders");
    assertThat(missing(JOIN)).isEmpty();
  }

  @Test
  void valuesThatRepeatTooOftenAreNotWorthOne() throws SQLException {
    assertThat(missing("SELECT status, string_agg(note, ',') AS n FROM orders GROUP BY status"))
        .isEmpty();
    assertThat(
            missing(
                "SELECT status, customer_id, string_agg(note, ',') AS n FROM orders"
                    + " GROUP BY status, customer_id"))
        .as("of two columns the one that tells rows apart")
        .containsExactly(WANTED);
    freshet.sql("CREATE INDEX ON orders (status)");
    assertThat(
            missing(
                "SELECT status, customer_id, string_agg(note, ',') AS n FROM orders"
                    + " GROUP BY status, customer_id"))
        .as("an index on the other one does not serve")
        .containsExactly(WANTED);
  }

  @Test
  void partitionedTableHasWhatAllItsPartitionsHave() throws SQLException {
    freshet.sql(
        "CREATE TABLE part (id int, customer_id int, note text, PRIMARY KEY (id))"
            + " PARTITION BY RANGE (id)",
        "CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10000)",
        "CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10000) TO (90000)",
        "INSERT INTO part SELECT id, customer_id, note FROM orders",
        "ANALYZE part");
    String query = "SELECT p.id, c.name FROM part p JOIN customer c ON c.id = p.customer_id";
    String wanted = "CREATE INDEX ON public.part (customer_id);";
    assertThat(missing(query)).containsExactly(wanted);
    freshet.sql("CREATE INDEX ON part1 (customer_id)");
    assertThat(missing(query)).containsExactly(wanted);
    freshet.sql("CREATE INDEX ON part2 (customer_id)");
    assertThat(missing(query)).isEmpty();
    freshet.sql("CREATE INDEX ON part (customer_id)");
    assertThat(missing(query)).isEmpty();
  }

  @Test
  void namesAreQuotedWhereTheyMustBe() throws SQLException {
    freshet.sql(
        "CREATE TABLE \"Order\" (id int PRIMARY KEY, \"user\" int)",
        "INSERT INTO \"Order\" SELECT id, customer_id FROM orders",
        "ANALYZE \"Order\"",
        "INSERT INTO \"Order\" SELECT id + 50000, customer_id FROM orders",
        "ANALYZE \"Order\"");
    String query = "SELECT o.id, c.name FROM \"Order\" o JOIN customer c ON c.id = o.\"user\"";
    assertThat(missing(query)).containsExactly("CREATE INDEX ON public.\"Order\" (\"user\");");
    freshet.sql(missing(query).getFirst());
    assertThat(missing(query)).isEmpty();
  }

  @Test
  void streamTableThatOthersReadMayMissOneToo() throws SQLException {
    freshet.create("kept", "SELECT id, customer_id, note FROM orders");
    freshet.sql("ANALYZE kept");
    assertThat(missing("SELECT k.id, c.name FROM kept k JOIN customer c ON c.id = k.customer_id"))
        .containsExactly("CREATE INDEX ON public.kept (customer_id);");
  }
}
