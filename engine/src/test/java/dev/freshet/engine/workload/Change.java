package dev.freshet.engine.workload;

import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;

/** Statements that make one change, made up at random. */
record Change(List<String> statements) {

  void run(Statement statement) throws SQLException {
    for (String sql : statements) {
      statement.execute(sql);
    }
  }

  static Change any(Random random, int writer) {
    return switch (random.nextInt(20)) {
      case 0, 1, 2, 3 -> one(putOrder(random));
      case 4, 5 -> one("DELETE FROM orders WHERE id = " + order(random));
      case 6, 7 ->
          one(
              "UPDATE orders SET amount = amount + %d, price = %s WHERE id BETWEEN %d AND %d"
                  .formatted(
                      random.nextInt(100) - 50, price(random), order(random), order(random)));
      case 8 ->
          one(
              "UPDATE orders SET customer = %s WHERE id = %d"
                  .formatted(customerOrNull(random), order(random)));
      case 9 -> moveOrder(random);
      case 10 -> swapOrders(random, writer);
      case 11, 12 ->
          one(
              "UPDATE customers SET region = %s WHERE id = %d"
                  .formatted(regionOrNull(random), customer(random)));
      case 13 ->
          one(
              "UPDATE customers SET name = 'name %d' WHERE id = %d"
                  .formatted(random.nextInt(9), customer(random)));
      case 14 -> replaceCustomer(random);
      case 15 ->
          one(
              "UPDATE regions SET label = 'label %d' WHERE id = %d"
                  .formatted(random.nextInt(4), 1 + random.nextInt(Shop.REGIONS)));
      case 16 ->
          one(
              "INSERT INTO events SELECT %s, 'kind %d', %d FROM generate_series(1, %d)"
                  .formatted(
                      customerOrNull(random),
                      random.nextInt(3),
                      random.nextInt(2),
                      1 + random.nextInt(3)));
      case 17 -> deleteOneOfEqualEvents(random);
      case 18 ->
          one(
              "UPDATE events SET points = 1 - points WHERE customer = %d AND kind = 'kind %d'"
                  .formatted(random.nextInt(Shop.CUSTOMERS / 2), random.nextInt(3)));
      default -> comeAndGo(random);
    };
  }

  private static Change one(String statement) {
    return new Change(List.of(statement));
  }

  private static int order(Random random) {
    return 1 + random.nextInt(Shop.ORDERS);
  }

  private static int customer(Random random) {
    return 1 + random.nextInt(Shop.CUSTOMERS);
  }

  private static String customerOrNull(Random random) {
    return random.nextInt(10) == 0 ? "NULL" : Integer.toString(customer(random));
  }

  private static String regionOrNull(Random random) {
    return random.nextInt(5) == 0 ? "NULL" : Integer.toString(1 + random.nextInt(Shop.REGIONS));
  }

  /** Equal numbers with different scales among them. */
  private static String price(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "NULL";
      case 1 -> "1.0";
      case 2 -> "1.00";
      default -> random.nextInt(1000) + "." + random.nextInt(100);
    };
  }

  private static String putOrder(Random random) {
    return """
    INSERT INTO orders VALUES (%d, %s, %d, %s, 'note %d') ON CONFLICT (id) DO UPDATE
      SET customer = excluded.customer, amount = excluded.amount, price = excluded.price\
    """
        .formatted(
            order(random),
            customerOrNull(random),
            random.nextInt(1000),
            price(random),
            random.nextInt(50));
  }

  /** Changes a primary key. */
  private static Change moveOrder(Random random) {
    int to = order(random);
    return one(
        "UPDATE orders SET id = %d WHERE id = %d AND NOT EXISTS (SELECT FROM orders WHERE id = %d)"
            .formatted(to, order(random), to));
  }

  /** Two rows change places, by way of a key that only this writer uses. */
  private static Change swapOrders(Random random, int writer) {
    int a = order(random);
    int b = order(random);
    int between = -1 - writer;
    return new Change(
        List.of(
            "UPDATE orders SET id = %d WHERE id = %d".formatted(between, a),
            "UPDATE orders SET id = %d WHERE id = %d".formatted(a, b),
            "UPDATE orders SET id = %d WHERE id = %d".formatted(b, between)));
  }

  /** Gone and back in the same transaction, with a value that is stored out of line. */
  private static Change replaceCustomer(Random random) {
    int id = customer(random);
    return new Change(
        List.of(
            "DELETE FROM customers WHERE id = " + id,
            """
            INSERT INTO customers VALUES (%d, %s, 'again %d',
              (SELECT string_agg(md5((%d + j)::text), '') FROM generate_series(1, 150) j))
            ON CONFLICT DO NOTHING\
            """
                .formatted(id, regionOrNull(random), random.nextInt(9), random.nextInt(1000))));
  }

  private static Change deleteOneOfEqualEvents(Random random) {
    return one(
        """
        DELETE FROM events WHERE ctid = (SELECT ctid FROM events WHERE customer %s LIMIT 1)\
        """
            .formatted(
                random.nextInt(6) == 0 ? "IS NULL" : "= " + random.nextInt(Shop.CUSTOMERS / 2)));
  }

  /** A row that is there before and after, or before and after not, and was otherwise between. */
  private static Change comeAndGo(Random random) {
    int id = order(random);
    return new Change(
        List.of(
            "DELETE FROM orders WHERE id = " + id,
            "INSERT INTO orders VALUES (%d, 1, 1, 1, 'came') ON CONFLICT DO NOTHING".formatted(id),
            "UPDATE orders SET amount = amount + 1 WHERE id = " + id,
            "DELETE FROM orders WHERE id = " + id,
            putOrder(random)));
  }
}
