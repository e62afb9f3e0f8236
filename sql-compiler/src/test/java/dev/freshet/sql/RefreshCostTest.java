package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The cost of a refresh after few changes, in pages and rows, where an index supports each lookup:
 * in tables ten times as large it must not be more. The indexes are those that {@link
 * CompiledQuery#missingIndexes} names; once they are there, no refresh reads their tables from the
 * beginning to the end. The shapes that do not meet this are listed and asserted too, so that the
 * list stays true.
 *
 * <p>{@code -Dfreshet.cost.shapes=WINDOW.* -Dfreshet.cost.print=true} prints plans.
 */
class RefreshCostTest {
  private static final int SMALL = 1_600;
  private static final int LARGE = 10 * SMALL;

  /** Changes of few rows, by the table that they concern. */
  private static final Map<String, List<String>> CHANGES = changes();

  /** More changes of the same tables, for all at once. */
  private static final Map<String, List<String>> AGAIN =
      Map.of(
          "orders",
          List.of(
              "UPDATE orders SET amount = amount + 7 WHERE id BETWEEN 501 AND 504",
              "UPDATE orders SET customer_id = customer_id + 1 WHERE id BETWEEN 511 AND 512"),
          "customer",
          List.of("UPDATE customer SET name = name || '?' WHERE id BETWEEN 101 AND 103"),
          "item",
          List.of("UPDATE item SET quantity = quantity + 3 WHERE order_id BETWEEN 521 AND 522"),
          "product",
          List.of("UPDATE product SET name = name || '?' WHERE id BETWEEN 111 AND 113"),
          "visit",
          List.of("DELETE FROM visit WHERE customer_id BETWEEN 41 AND 43"));

  private static Map<String, List<String>> changes() {
    Map<String, List<String>> changes = new LinkedHashMap<>();
    changes.put(
        "orders",
        List.of(
            "UPDATE orders SET amount = amount + 1000 WHERE id BETWEEN 101 AND 104",
            "UPDATE orders SET customer_id = customer_id + 3 WHERE id BETWEEN 201 AND 202",
            "DELETE FROM orders WHERE id BETWEEN 301 AND 302",
            "INSERT INTO orders SELECT -i, i, 5, '2026-02-03', 'note 7'"
                + " FROM generate_series(1, 2) i"));
    changes.put(
        "customer",
        List.of(
            "UPDATE customer SET credit = credit + 1 WHERE id BETWEEN 51 AND 53",
            "UPDATE customer SET name = name || '!' WHERE id BETWEEN 61 AND 62",
            "DELETE FROM customer WHERE id BETWEEN 71 AND 72"));
    changes.put(
        "item",
        List.of(
            "UPDATE item SET quantity = quantity + 1 WHERE order_id BETWEEN 401 AND 402",
            "DELETE FROM item WHERE order_id = 403",
            "INSERT INTO item VALUES (404, 9, 17, 4)"));
    changes.put(
        "product",
        List.of(
            "UPDATE product SET name = name || '!' WHERE id BETWEEN 81 AND 83",
            "UPDATE product SET maker_id = maker_id + 1 WHERE id BETWEEN 91 AND 92"));
    changes.put(
        "visit",
        List.of(
            "INSERT INTO visit SELECT i, 'page 3', 1 FROM generate_series(1, 4) i",
            "UPDATE visit SET seconds = seconds + 1 WHERE customer_id BETWEEN 21 AND 22",
            "DELETE FROM visit WHERE customer_id BETWEEN 31 AND 32"));
    return changes;
  }

  @ParameterizedTest
  @EnumSource(CostShape.class)
  void followsTheDelta(CostShape shape) throws Exception {
    assumeTrue(shape.name().matches(System.getProperty("freshet.cost.shapes", ".*")));
    Map<String, PlanCost> small = costs(shape, SMALL);
    Map<String, PlanCost> large = costs(shape, LARGE);
    Map<String, String> grown = new TreeMap<>();
    large.forEach(
        (changed, after) -> {
          PlanCost before = Objects.requireNonNull(small.get(changed));
          boolean pages = after.buffers() > 1.5 * before.buffers() + 100;
          boolean rows = after.allRows() > 1.5 * before.allRows() + 100;
          if (pages || rows || !after.readInFull().isEmpty()) {
            grown.put(changed, before + " → " + after);
          }
        });
    if (Boolean.getBoolean("freshet.update-reference")) {
      GrowingShapes.rewrite(shape, grown.keySet());
    }
    assertThat(grown.keySet()).as("%s", grown).isEqualTo(GrowingShapes.of(shape));
  }

  /** By changed table, or {@link GrowingShapes#ALL}. */
  private static Map<String, PlanCost> costs(CostShape shape, int n) throws Exception {
    Map<String, PlanCost> costs = new LinkedHashMap<>();
    try (Database database = SharedServer.of(PgVersion.V18).freshDatabase();
        Connection connection = database.connect()) {
      CostTables.create(database, n);
      try (var rig = new Rig(connection, shape.query())) {
        rig.execute("SET LOCAL random_page_cost = 1.1");
        Set<String> indexed = index(rig, connection);
        for (var round : rounds(rig.compiled).entrySet()) {
          List<String> plan = rig.plansAfter(round.getValue().toArray(String[]::new));
          costs.put(round.getKey(), PlanCost.of(plan, indexed));
          if (Boolean.getBoolean("freshet.cost.print")) {
            System.out.println(shape + ", " + n + ", " + round.getKey());
            plan.forEach(System.out::println);
          }
        }
        rig.equalsItsQuery("after all changes");
      }
    }
    return costs;
  }

  /** Makes the indexes that are missing; returns the tables that they are on. */
  private static Set<String> index(Rig rig, Connection connection) throws Exception {
    var indexed = new TreeSet<String>();
    for (MissingIndex index : rig.compiled.missingIndexes(new CatalogIndexes(connection))) {
      rig.execute(index.statement(TableName::quote));
      indexed.add(index.table().name().table());
    }
    assertThat(rig.compiled.missingIndexes(new CatalogIndexes(connection))).isEmpty();
    rig.execute("ANALYZE");
    return indexed;
  }

  private static Map<String, List<String>> rounds(CompiledQuery compiled) {
    Map<String, List<String>> rounds = new LinkedHashMap<>();
    var all = new ArrayList<String>();
    for (DeltaNeed need : compiled.deltaNeeds()) {
      String table = need.source().name().table();
      if (CHANGES.containsKey(table)) {
        rounds.put(table, CHANGES.get(table));
        AGAIN.getOrDefault(table, List.of()).forEach(all::add);
      }
    }
    if (rounds.size() > 1) {
      rounds.put(GrowingShapes.ALL, all);
    }
    return rounds;
  }
}
