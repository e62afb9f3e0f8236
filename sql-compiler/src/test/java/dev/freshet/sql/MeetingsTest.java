package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.DeltaBinding.Form;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** By which columns rows of a delta are asked for: by another delta, or once per row of a query. */
class MeetingsTest {
  private static final String REVENUE =
      "SELECT p.name, sum(o.amount) AS amount FROM product p JOIN item i ON i.product_id = p.id"
          + " JOIN orders o ON o.id = i.order_id GROUP BY p.name";

  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    CostTables.create(database, 40);
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  private List<String> indexes(String query, String of, Set<String> changed) throws Exception {
    try (var rig = new Rig(connection, query)) {
      Map<Integer, DeltaBinding> bindings = new HashMap<>();
      for (DeltaNeed need : rig.compiled.deltaNeeds()) {
        if (changed.contains(need.source().name().table())) {
          bindings.put(need.source().oid(), new DeltaBinding.Table(Form.WEIGHTED, "pg_temp.d"));
        }
      }
      assertThat(bindings).hasSameSizeAs(changed);
      DeltaNeed need =
          rig.compiled.deltaNeeds().stream()
              .filter(n -> n.source().name().table().equals(of))
              .findFirst()
              .orElseThrow();
      return rig.compiled.indexDeltaTable(need, "d", bindings).stream()
          .map(SqlStatement::sql)
          .toList();
    }
  }

  @Test
  void deltasThatAreJoinedAskEachOther() throws Exception {
    Set<String> both = Set.of("item", "orders");
    assertThat(indexes(REVENUE, "orders", both)).containsExactly("CREATE INDEX ON d (\"id\")");
    assertThat(indexes(REVENUE, "item", both)).containsExactly("CREATE INDEX ON d (\"order_id\")");
  }

  @Test
  void deltasThatMeetThroughASourceAskItsRows() throws Exception {
    Set<String> ends = Set.of("product", "orders");
    assertThat(indexes(REVENUE, "product", ends)).containsExactly("CREATE INDEX ON d (\"id\")");
    assertThat(indexes(REVENUE, "orders", ends)).containsExactly("CREATE INDEX ON d (\"id\")");
  }

  @Test
  void deltaBetweenTwoOthersIsAskedByBoth() throws Exception {
    assertThat(indexes(REVENUE, "item", Set.of("product", "item", "orders")))
        .containsExactlyInAnyOrder(
            "CREATE INDEX ON d (\"product_id\")", "CREATE INDEX ON d (\"order_id\")");
  }

  @Test
  void deltaThatMeetsNoOtherIsNotAsked() throws Exception {
    assertThat(indexes(REVENUE, "orders", Set.of("orders"))).isEmpty();
    String branches =
        "SELECT customer_id, sum(amount) AS n FROM orders GROUP BY 1"
            + " UNION ALL SELECT product_id, count(*) FROM item GROUP BY 1";
    assertThat(indexes(branches, "orders", Set.of("orders"))).isEmpty();
  }

  @Test
  void deltaOfASubQueryIsAskedForEachRowAroundIt() throws Exception {
    String last =
        "SELECT q.last, count(*) AS n FROM (SELECT (SELECT o.amount FROM orders o WHERE"
            + " o.customer_id = c.id ORDER BY o.placed DESC LIMIT 1) AS last FROM customer c) q"
            + " GROUP BY 1";
    assertThat(indexes(last, "orders", Set.of("orders")))
        .containsExactly("CREATE INDEX ON d (\"customer_id\")");
    assertThat(indexes(last, "customer", Set.of("customer"))).isEmpty();
    assertThat(asked(last)).containsExactly("orders");
    assertThat(asked(REVENUE)).isEmpty();
    assertThat(asked("SELECT id FROM customer c WHERE credit > (SELECT avg(amount) FROM orders)"))
        .isEmpty();
  }

  @Test
  void longValuesAreHashed() throws Exception {
    String byName =
        "SELECT q.n, count(*) AS c FROM (SELECT (SELECT p.id FROM product p WHERE p.name = c.name"
            + " ORDER BY p.id LIMIT 1) AS n FROM customer c) q GROUP BY 1";
    assertThat(indexes(byName, "product", Set.of("product")))
        .containsExactly("CREATE INDEX ON d USING hash (\"name\")");
    String byBoth =
        "SELECT q.n, count(*) AS c FROM (SELECT (SELECT p.id FROM product p WHERE p.name = c.name"
            + " AND p.maker_id = c.region_id ORDER BY p.id LIMIT 1) AS n FROM customer c) q GROUP"
            + " BY 1";
    assertThat(indexes(byBoth, "product", Set.of("product")))
        .containsExactly("CREATE INDEX ON d (\"maker_id\")");
  }

  /** The sources whose delta is asked once per row of a query. */
  private List<String> asked(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      return rig.compiled.deltaNeeds().stream()
          .filter(rig.compiled::isAskedPerRow)
          .map(need -> need.source().name().table())
          .toList();
    }
  }
}
