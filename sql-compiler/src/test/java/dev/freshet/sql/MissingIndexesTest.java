package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which indexes a delta plan asks for. That they serve is shown by {@link RefreshCostTest}. */
class MissingIndexesTest {
  /** Primary keys are indexed, nothing else is; no table is small. */
  private static final SourceIndexes PRIMARY_KEYS =
      new SourceIndexes() {
        @Override
        public boolean find(SourceTable table, Set<String> columns) {
          return !table.primaryKey().isEmpty() && columns.contains(table.primaryKey().getFirst());
        }

        @Override
        public List<String> key(SourceTable table, List<String> columns) {
          return columns;
        }
      };

  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    CostTables.create(database, 40);
    database.execute(
        "CREATE TABLE parcel (code varchar(20) NOT NULL, item_order int, item_line int, weight"
            + " numeric)");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  private List<String> missing(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      assertThat(rig.compiled.deltaNeeds()).as("%s", rig.compiled.explain()).isNotEmpty();
      return rig.compiled.missingIndexes(PRIMARY_KEYS).stream()
          .map(index -> index.statement(name -> name) + " -- " + index.reason())
          .toList();
    }
  }

  private static String orders(String reason) {
    return "CREATE INDEX ON public.orders (customer_id); -- changes of "
        + reason.replace(": ", " read all of orders otherwise, for ");
  }

  @Test
  void namesTheForeignKeyOfAJoin() throws Exception {
    assertThat(missing("SELECT o.id, c.name FROM orders o JOIN customer c ON c.id = o.customer_id"))
        .containsExactly(orders("customer: a join"));
  }

  @Test
  void namesNoneWhereKeysServe() throws Exception {
    assertThat(missing("SELECT id, amount FROM orders WHERE amount > 5")).isEmpty();
    assertThat(missing("SELECT o.id, i.line FROM orders o JOIN item i ON i.order_id = o.id"))
        .isEmpty();
    assertThat(missing("SELECT customer_id, sum(amount) AS total FROM orders GROUP BY 1"))
        .as("each group follows from its old value and the delta")
        .isEmpty();
    assertThat(missing("SELECT DISTINCT customer_id FROM orders")).isEmpty();
    assertThat(missing("SELECT customer_id FROM visit UNION ALL SELECT id FROM customer"))
        .isEmpty();
  }

  @Test
  void reachesATableThroughAnotherOne() throws Exception {
    assertThat(
            missing(
                "SELECT p.name, o.amount FROM product p JOIN item i ON i.product_id = p.id JOIN"
                    + " orders o ON o.id = i.order_id"))
        .containsExactly(
            "CREATE INDEX ON public.item (product_id); -- changes of product read all of item"
                + " otherwise, for a join");
  }

  @Test
  void namesWhatGroupsAreComputedFrom() throws Exception {
    assertThat(missing("SELECT customer_id, max(amount) AS most FROM orders GROUP BY 1"))
        .containsExactly(orders("orders: a group that is computed again"));
    assertThat(missing("SELECT customer_id, string_agg(note, ',') AS notes FROM orders GROUP BY 1"))
        .containsExactly(orders("orders: a group that is computed again"));
    assertThat(missing("SELECT page, avg(seconds) AS seconds FROM visit GROUP BY page"))
        .as("a nullable group is found by two conditions on one index")
        .containsExactly(
            "CREATE INDEX ON public.visit (page); -- changes of visit read all of visit otherwise,"
                + " for a group that is computed again");
  }

  @Test
  void namesWhatASubQueryLooksUp() throws Exception {
    String exists = "EXISTS (SELECT FROM orders o WHERE o.customer_id = c.id AND o.amount > 5)";
    assertThat(missing("SELECT c.id FROM customer c WHERE " + exists))
        .singleElement()
        .asString()
        .startsWith("CREATE INDEX ON public.orders (customer_id);")
        .contains("changes of customer", "a sub-query");
    assertThat(
            missing(
                "SELECT c.id, (SELECT max(o.amount) FROM orders o WHERE o.customer_id = c.id) AS m"
                    + " FROM customer c"))
        .singleElement()
        .asString()
        .startsWith("CREATE INDEX ON public.orders (customer_id);");
    assertThat(
            missing(
                "SELECT c.id, q.amount FROM customer c CROSS JOIN LATERAL (SELECT o.amount FROM"
                    + " orders o WHERE o.customer_id = c.id ORDER BY o.amount, o.id LIMIT 1) q"))
        .singleElement()
        .asString()
        .startsWith("CREATE INDEX ON public.orders (customer_id);");
  }

  @Test
  void namesPartitionsAndKeysOfDistinctOn() throws Exception {
    assertThat(
            missing(
                "SELECT id, rank() OVER (PARTITION BY customer_id ORDER BY amount) AS place FROM"
                    + " orders"))
        .singleElement()
        .asString()
        .startsWith("CREATE INDEX ON public.orders (customer_id);");
    assertThat(
            missing(
                "SELECT DISTINCT ON (customer_id) customer_id, id FROM orders ORDER BY customer_id,"
                    + " id"))
        .singleElement()
        .asString()
        .startsWith("CREATE INDEX ON public.orders (customer_id);");
  }

  @Test
  void namesNothingThatNoIndexHelps() throws Exception {
    assertThat(missing("SELECT id, rank() OVER (ORDER BY amount) AS place FROM orders"))
        .as("one partition is the whole table")
        .isEmpty();
    assertThat(
            missing("SELECT o.id, c.id AS c FROM orders o JOIN customer c ON c.credit < o.amount"))
        .as("one bound leaves most of the table")
        .isEmpty();
    assertThat(
            missing(
                "SELECT o.id, v.page FROM orders o JOIN visit v ON v.page = lower(o.note) WHERE"
                    + " o.amount > 5"))
        .as("the side that is a column, not the side that is an expression")
        .containsExactly(
            "CREATE INDEX ON public.visit (page); -- changes of orders read all of visit otherwise,"
                + " for a join");
  }

  @Test
  void namesTheColumnOfARange() throws Exception {
    assertThat(
            missing(
                "SELECT c.id, o.id AS o FROM customer c JOIN orders o ON o.customer_id BETWEEN"
                    + " c.id - 1 AND c.id + 1"))
        .as("which customers are near is asked by an expression of their key")
        .containsExactly(orders("customer: a join"));
    assertThat(
            missing(
                "SELECT c.id, (SELECT count(*) FROM orders o WHERE c.credit <= o.amount AND"
                    + " o.amount < c.credit + 10) AS n FROM customer c"))
        .containsExactly(
            "CREATE INDEX ON public.orders (amount); -- changes of customer read all of"
                + " orders otherwise, for a sub-query");
  }

  @Test
  void joinByTwoColumnsIsOneIndex() throws Exception {
    assertThat(
            missing(
                "SELECT p.code, i.quantity FROM parcel p JOIN item i ON i.order_id = p.item_order"
                    + " AND i.line = p.item_line"))
        .containsExactly(
            "CREATE INDEX ON public.parcel (item_order, item_line); -- changes of item read all of"
                + " parcel otherwise, for a join");
  }

  @Test
  void varcharThatIsComparedAsTextIsItsColumn() throws Exception {
    assertThat(missing("SELECT p.weight, v.seconds FROM parcel p JOIN visit v ON v.page = p.code"))
        .anyMatch(index -> index.startsWith("CREATE INDEX ON public.parcel (code);"));
  }

  /** Whoever renders a tree by himself hides it from {@link CompiledQuery#missingIndexes}. */
  @Test
  void treesOfARefreshAreRenderedInOnePlace() throws IOException {
    Path sources = Path.of("src/main/java/dev/freshet/sql/maintain");
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.toList()) {
        assertThat(Files.readString(file))
            .as("%s: render by DeltaRelations.select or step", file)
            .doesNotContainPattern("(deltas|relations)::name");
      }
    }
  }
}
