package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A delta is read a number of times that does not grow with it, also where the old value of a
 * sub-query is asked for row by row: it is then in a table with indexes.
 */
class DeltaSizeCostTest {
  private static final int ORDERS = 16_000;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT q.amount, count(*) AS n FROM customer c CROSS JOIN LATERAL (SELECT o.amount FROM"
            + " orders o WHERE o.customer_id = c.id ORDER BY o.amount DESC, o.id LIMIT 2) q"
            + " GROUP BY q.amount",
        "SELECT q.last, count(*) AS n FROM (SELECT (SELECT o.amount FROM orders o WHERE"
            + " o.customer_id = c.id ORDER BY o.placed DESC, o.id LIMIT 1) AS last FROM customer c)"
            + " q GROUP BY q.last",
        "SELECT q.a, count(*) AS n FROM (SELECT ARRAY(SELECT o.amount FROM orders o WHERE"
            + " o.customer_id = c.id ORDER BY o.id) AS a FROM customer c) q GROUP BY q.a",
        "SELECT q.a, count(*) AS n FROM (SELECT (SELECT string_agg(o.note, ',' ORDER BY o.id) FROM"
            + " orders o WHERE o.customer_id = c.id) AS a FROM customer c) q GROUP BY q.a",
        "SELECT c.region_id, count(*) AS n FROM customer c WHERE EXISTS (SELECT FROM orders o WHERE"
            + " o.customer_id = c.id AND o.amount > c.credit) GROUP BY c.region_id",
        "SELECT o.placed, count(*) AS n FROM orders o WHERE o.amount > (SELECT max(p.amount) / 2"
            + " FROM orders p WHERE p.customer_id = o.customer_id AND p.id <> o.id) GROUP BY"
            + " o.placed"
      })
  void isLinear(String query) throws Exception {
    long few = rowsOfDelta(query, 250);
    long many = rowsOfDelta(query, 1_000);
    assertThat(many).as("4 × %d", few).isLessThan(5 * few);
  }

  /** How many rows of the delta are read, each as often as it is. */
  private static long rowsOfDelta(String query, int rows) throws Exception {
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect()) {
      CostTables.create(database, ORDERS);
      database.execute("CREATE INDEX ON orders (customer_id)", "ANALYZE");
      try (var rig = new Rig(connection, query)) {
        rig.execute("SET LOCAL random_page_cost = 1.1");
        String change =
            "UPDATE orders SET amount = amount + 7, note = note || '!' WHERE id %% %d = 0"
                .formatted(ORDERS / rows);
        PlanCost cost = PlanCost.of(rig.plansAfter(Rig.Transport.TABLE, change), Set.of());
        rig.equalsItsQuery("after " + change);
        return cost.rows().entrySet().stream()
            .filter(read -> read.getKey().contains("bound_"))
            .mapToLong(Map.Entry::getValue)
            .sum();
      }
    }
  }
}
