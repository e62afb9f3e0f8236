package dev.freshet.engine.workload;

import dev.freshet.embedded.Database;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sources that the {@link Writer}s change, and queries over them of every kind that is
 * maintained from changes.
 *
 * <p>Small on purpose: with few keys, transactions meet at the same rows, and a comparison of a
 * stream table with its query takes a millisecond.
 */
public final class Shop {
  static final int ORDERS = 200;
  static final int CUSTOMERS = 40;
  static final int REGIONS = 6;
  static final int EVENTS = 100;

  private Shop() {}

  /** Creates and fills the sources. {@code events} has no primary key and holds duplicates. */
  public static void open(Database database) throws SQLException {
    database.execute(
        "CREATE TABLE regions (id int PRIMARY KEY, label text)",
        "CREATE TABLE customers (id int PRIMARY KEY, region int, name text, profile text)",
        """
        CREATE TABLE orders (id int PRIMARY KEY, customer int, amount int NOT NULL, price numeric,
          note text)
        """,
        """
        CREATE TABLE events (customer int, kind text, points int, at timestamptz NOT NULL
          DEFAULT clock_timestamp() + (random() - 0.5) * interval '3 seconds')
        """,
        "CREATE INDEX ON events (at)",
        "INSERT INTO regions SELECT i, 'region ' || i FROM generate_series(1, %d) i"
            .formatted(REGIONS),
        """
        INSERT INTO customers SELECT i, nullif(i %% (%d + 1), 0), 'customer ' || i,
          (SELECT string_agg(md5((i * j)::text), '') FROM generate_series(1, 150) j)
        FROM generate_series(1, %d) i
        """
            .formatted(REGIONS, CUSTOMERS),
        """
        INSERT INTO orders SELECT i, i %% %d, i * 37 %% 1000, i * 1.10, 'order ' || i
        FROM generate_series(1, %d) i
        """
            .formatted(CUSTOMERS, ORDERS),
        """
        INSERT INTO events SELECT i %% %d, 'kind ' || i %% 3, i %% 2 FROM generate_series(1, %d) i
        """
            .formatted(CUSTOMERS / 2, EVENTS),
        "ALTER TABLE customers ALTER COLUMN profile SET STORAGE EXTERNAL");
  }

  /** The defining queries by the name of their stream table. */
  public static Map<String, String> queries() {
    Map<String, String> queries = new LinkedHashMap<>();
    queries.put(
        "order_customer",
        """
        SELECT o.id, o.amount, c.name, c.region FROM orders o JOIN customers c ON c.id = o.customer
        """);
    queries.put(
        "region_sales",
        """
        SELECT c.region, sum(o.amount) AS total, count(*) AS orders, avg(o.price) AS price
        FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.region
        """);
    queries.put(
        "region_extremes",
        """
        SELECT r.label, min(o.amount) AS least, max(o.amount) AS most, count(o.price) AS priced
        FROM orders o JOIN customers c ON c.id = o.customer JOIN regions r ON r.id = c.region
        GROUP BY r.label HAVING count(*) > 2
        """);
    queries.put(
        "order_region",
        """
        SELECT o.id, c.id AS customer, r.label, o.amount * 2 AS twice
        FROM orders o, customers c, regions r
        WHERE c.id = o.customer AND r.id = c.region AND o.amount % 3 <> 0
        """);
    queries.put(
        "customer_sales",
        """
        SELECT customer, sum(amount) AS total, count(*) AS orders, count(price) AS priced,
          sum(price) AS value, min(note) AS note
        FROM orders GROUP BY customer
        """);
    queries.put("large_orders", "SELECT id, amount, note FROM orders WHERE amount > 500");
    queries.put("profiles", "SELECT id, name, profile FROM customers WHERE region IS NOT NULL");
    queries.put(
        "buyers_and_events",
        """
        SELECT customer, amount AS points FROM orders WHERE amount < 300
        UNION ALL SELECT customer, points FROM events
        """);
    queries.put("event_bag", "SELECT customer, kind FROM events WHERE points = 1");
    queries.put(
        "event_customers",
        "SELECT e.kind, c.name FROM events e JOIN customers c ON c.id = e.customer");
    queries.put(
        "event_points",
        """
        SELECT c.region, e.kind, sum(e.points) AS points, count(*) AS events
        FROM events e JOIN customers c ON c.id = e.customer
        GROUP BY c.region, e.kind HAVING sum(e.points) > 1
        """);
    queries.put(
        "same_customer",
        """
        SELECT a.id, b.id AS other, a.amount + b.amount AS both
        FROM orders a JOIN orders b ON a.customer = b.customer WHERE a.id < b.id
        """);
    queries.put(
        "recent_events",
        """
        SELECT customer, kind FROM events
        WHERE at > now() - interval '700 milliseconds' AND at <= now()
        """);
    queries.put(
        "past_points",
        """
        SELECT c.region, count(*) AS events, sum(e.points) AS points
        FROM events e JOIN customers c ON c.id = e.customer WHERE e.at < now() GROUP BY c.region
        """);
    queries.put(
        "waiting_customers",
        """
        SELECT c.id FROM customers c
        WHERE EXISTS (SELECT FROM events e WHERE e.customer = c.id AND e.at > now())
        """);
    queries.put("all_sales", "SELECT count(*) AS orders, sum(amount) AS total FROM orders");
    return queries;
  }
}
