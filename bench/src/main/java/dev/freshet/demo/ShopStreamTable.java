package dev.freshet.demo;

import java.util.List;
import java.util.Map;

/**
 * A stream table of the shop.
 *
 * @param kind what its query does, for people
 * @param schedule as in the configuration: {@code continuous}, {@code 1s}
 */
record ShopStreamTable(String name, String kind, String schedule, String query) {

  /** All of them, in the order in which they are shown. */
  static final List<ShopStreamTable> ALL =
      List.of(
          new ShopStreamTable(
              "revenue_by_region",
              "3-way join, aggregate",
              "continuous",
              """
              SELECT c.region, count(*) AS items, sum(i.quantity * i.unit_price) AS revenue
              FROM order_items i
              JOIN orders o ON o.id = i.order_id
              JOIN customers c ON c.id = o.customer_id
              GROUP BY c.region\
              """),
          new ShopStreamTable(
              "order_overview",
              "4-way join",
              "continuous",
              """
              SELECT o.id AS order_id, i.line, c.name AS customer, p.name AS product,
                i.quantity, i.quantity * i.unit_price AS amount, o.status
              FROM orders o
              JOIN order_items i ON i.order_id = o.id
              JOIN customers c ON c.id = o.customer_id
              JOIN products p ON p.id = i.product_id\
              """),
          new ShopStreamTable(
              "open_orders",
              "filter",
              "continuous",
              """
              SELECT id, customer_id, status, placed_at
              FROM orders WHERE status IN ('new', 'paid')\
              """),
          new ShopStreamTable(
              "activity_feed",
              "UNION ALL",
              "continuous",
              """
              SELECT 'ordered' AS event, o.id AS order_id, o.placed_at AS at FROM orders o
              UNION ALL
              SELECT 'paid', p.order_id, p.paid_at FROM payments p\
              """),
          new ShopStreamTable(
              "top_products",
              "aggregates, HAVING",
              "1s",
              """
              SELECT p.id, p.name, count(*) AS sales, sum(i.quantity) AS units,
                avg(i.unit_price) AS average_price, min(i.unit_price) AS lowest,
                max(i.unit_price) AS highest
              FROM products p JOIN order_items i ON i.product_id = p.id
              GROUP BY p.id, p.name HAVING sum(i.quantity) >= 50\
              """),
          new ShopStreamTable(
              "customer_ranking",
              "window function",
              "2s",
              """
              SELECT c.region, c.name, sum(i.quantity * i.unit_price) AS spent,
                rank() OVER (PARTITION BY c.region
                             ORDER BY sum(i.quantity * i.unit_price) DESC) AS place
              FROM customers c
              JOIN orders o ON o.customer_id = c.id
              JOIN order_items i ON i.order_id = o.id
              GROUP BY c.region, c.id, c.name\
              """));

  /** Its name as reports carry it. */
  String qualifiedName() {
    return "public." + name;
  }

  Map<String, String> settings() {
    return Map.of("schedule", schedule);
  }

  boolean isContinuous() {
    return schedule.equals("continuous");
  }
}
