package dev.freshet.sql;

import java.util.Locale;

/** Queries of one operator each, whose refresh should cost as much as its delta. */
enum CostShape {
  FILTER("SELECT id, amount * 2 AS twice FROM orders WHERE amount > 100"),
  JOIN_OF_TWO(
      "SELECT o.id, c.name, o.amount FROM orders o JOIN customer c ON c.id = o.customer_id"),
  JOIN_OF_THREE(
      "SELECT o.id, i.line, c.name, i.quantity FROM orders o JOIN customer c ON c.id ="
          + " o.customer_id JOIN item i ON i.order_id = o.id"),
  JOIN_OF_FIVE(
      "SELECT o.id, i.line, c.name, p.name AS product, r.name AS region FROM orders o JOIN customer"
          + " c ON c.id = o.customer_id JOIN item i ON i.order_id = o.id JOIN product p ON p.id ="
          + " i.product_id JOIN region r ON r.id = c.region_id"),
  JOIN_WITHOUT_KEY("SELECT v.page, c.name FROM visit v JOIN customer c ON c.id = v.customer_id"),
  JOIN_BY_RANGE(
      "SELECT c.id, o.id AS order_id FROM customer c JOIN orders o ON o.customer_id BETWEEN c.id -"
          + " 1 AND c.id + 1 AND c.id BETWEEN o.customer_id - 1 AND o.customer_id + 1"),
  LEFT_JOIN(
      "SELECT c.id, c.name, o.id AS order_id, o.amount FROM customer c LEFT JOIN orders o ON"
          + " o.customer_id = c.id"),
  FULL_JOIN(
      "SELECT c.id, c.name, o.id AS order_id, o.amount FROM customer c FULL JOIN orders o ON"
          + " o.customer_id = c.id"),
  EXISTS(
      "SELECT c.id, c.name FROM customer c WHERE EXISTS (SELECT FROM orders o WHERE o.customer_id ="
          + " c.id AND o.amount > 500)"),
  EXISTS_FOR_MANY(
      "SELECT c.region_id, count(*) AS n FROM customer c WHERE EXISTS (SELECT FROM item i WHERE"
          + " i.line = c.region_id AND i.line < 9) GROUP BY c.region_id"),
  NOT_EXISTS(
      "SELECT c.id, c.name FROM customer c WHERE NOT EXISTS (SELECT FROM orders o WHERE"
          + " o.customer_id = c.id AND o.amount > 500)"),
  IN(
      "SELECT c.id, c.name FROM customer c WHERE c.id IN (SELECT o.customer_id FROM orders o WHERE"
          + " o.amount > 500)"),
  NOT_IN(
      "SELECT c.id, c.name FROM customer c WHERE c.id NOT IN (SELECT o.customer_id FROM orders o"
          + " WHERE o.amount > 500)"),
  SCALAR_SUBQUERY(
      "SELECT c.id, (SELECT max(o.amount) FROM orders o WHERE o.customer_id = c.id) AS most FROM"
          + " customer c"),
  SCALAR_SUBQUERY_OF_TWO(
      "SELECT o.id, (SELECT sum(v.seconds * length(p.name)) FROM visit v, product p WHERE"
          + " v.customer_id = o.customer_id AND p.id = o.id) AS s FROM orders o"),
  EXISTS_OF_TWO(
      "SELECT o.id, o.placed FROM orders o WHERE EXISTS (SELECT FROM visit v, product p WHERE"
          + " v.customer_id = o.customer_id AND p.id = o.id AND length(p.name) > v.seconds)"),
  GROUP_ALGEBRAIC(
      "SELECT customer_id, count(*) AS n, sum(amount) AS total FROM orders GROUP BY customer_id"),
  GROUP_EXTREMUM("SELECT customer_id, max(amount) AS most FROM orders GROUP BY customer_id"),
  GROUP_AFFECTED(
      "SELECT customer_id, array_agg(amount ORDER BY id) AS amounts FROM orders GROUP BY"
          + " customer_id"),
  GROUP_NULLABLE("SELECT page, avg(seconds) AS seconds FROM visit GROUP BY page"),
  GROUP_OF_JOIN(
      "SELECT c.id, count(*) AS n, sum(o.amount) AS total FROM customer c JOIN orders o ON"
          + " o.customer_id = c.id GROUP BY c.id"),
  GROUP_AFFECTED_OF_JOIN(
      "SELECT c.id, string_agg(o.note, ',' ORDER BY o.id) AS notes FROM customer c JOIN orders o ON"
          + " o.customer_id = c.id GROUP BY c.id"),
  AGGREGATE_OF_ALL("SELECT count(*) AS n, sum(amount) AS total FROM orders"),
  HAVING(
      "SELECT customer_id, sum(amount) AS total FROM orders GROUP BY customer_id HAVING sum(amount)"
          + " > 900"),
  NESTED_AGGREGATES(
      "SELECT n, count(*) AS customers FROM (SELECT customer_id, count(*) AS n FROM orders GROUP BY"
          + " customer_id) q GROUP BY n"),
  JOIN_OF_AGGREGATE(
      "SELECT c.id, c.name, q.total FROM customer c JOIN (SELECT customer_id, sum(amount) AS total"
          + " FROM orders GROUP BY customer_id) q ON q.customer_id = c.id"),
  GROUPS_ABOVE_THEIR_AVERAGE(
      "SELECT customer_id, sum(amount) AS total FROM orders GROUP BY customer_id HAVING sum(amount)"
          + " > (SELECT 90 * avg(amount) FROM orders)"),
  GREATEST_GROUP(
      "WITH t AS (SELECT customer_id, sum(amount) AS total FROM orders GROUP BY customer_id) SELECT"
          + " c.id, c.name, t.total FROM customer c JOIN t ON t.customer_id = c.id WHERE t.total ="
          + " (SELECT max(total) FROM t)"),
  IN_GROUPS(
      "SELECT c.id, c.name FROM customer c WHERE c.id IN (SELECT o.customer_id FROM orders o GROUP"
          + " BY o.customer_id HAVING sum(o.amount) > 900)"),
  TOP_GROUPS(
      "SELECT customer_id, sum(amount) AS total FROM orders GROUP BY customer_id ORDER BY total"
          + " DESC, customer_id LIMIT 20"),
  GROUPING_SETS(
      "SELECT customer_id, note, count(*) AS n FROM orders GROUP BY GROUPING SETS ((customer_id),"
          + " (note))"),
  DISTINCT("SELECT DISTINCT customer_id, placed FROM orders"),
  DISTINCT_ON(
      "SELECT DISTINCT ON (customer_id) customer_id, id, amount FROM orders ORDER BY customer_id,"
          + " placed DESC, id"),
  UNION("SELECT customer_id FROM orders UNION SELECT customer_id FROM visit"),
  UNION_ALL("SELECT id, name FROM customer UNION ALL SELECT id, name FROM product"),
  INTERSECT("SELECT customer_id FROM orders INTERSECT SELECT customer_id FROM visit"),
  EXCEPT("SELECT customer_id FROM orders EXCEPT SELECT customer_id FROM visit"),
  WINDOW(
      "SELECT id, customer_id, rank() OVER (PARTITION BY customer_id ORDER BY amount) AS place FROM"
          + " orders"),
  WINDOW_OF_JOIN(
      "SELECT o.id, c.name, row_number() OVER (PARTITION BY o.customer_id ORDER BY o.id) AS place"
          + " FROM orders o JOIN customer c ON c.id = o.customer_id"),
  WINDOW_OVER_ALL("SELECT id, rank() OVER (ORDER BY amount, id) AS place FROM orders"),
  LATERAL(
      "SELECT c.id, q.id AS order_id, q.amount FROM customer c CROSS JOIN LATERAL (SELECT o.id,"
          + " o.amount FROM orders o WHERE o.customer_id = c.id ORDER BY o.amount DESC, o.id LIMIT"
          + " 2) q"),
  LATERAL_OF_TWO(
      "SELECT o.id, q.page, q.name FROM orders o LEFT JOIN LATERAL (SELECT v.page, p.name FROM"
          + " visit v, product p WHERE v.customer_id = o.customer_id AND p.id = o.id ORDER BY"
          + " v.seconds, p.id LIMIT 1) q ON true"),
  TOP("SELECT id, amount FROM orders ORDER BY amount DESC, id LIMIT 20"),
  NO_KEY("SELECT customer_id, page FROM visit WHERE seconds > 1");

  private final String query;

  CostShape(String query) {
    this.query = query;
  }

  /** For the documentation. */
  String title() {
    return name().replace('_', ' ').toLowerCase(Locale.ROOT);
  }

  String query() {
    return query;
  }
}
