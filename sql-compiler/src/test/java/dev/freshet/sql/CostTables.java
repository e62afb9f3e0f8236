package dev.freshet.sql;

import dev.freshet.embedded.Database;
import java.sql.SQLException;

/** Tables whose size is one number: a shop with {@code n} orders. */
final class CostTables {
  private CostTables() {}

  /** Creates them with primary keys and no other index; visits has none at all. */
  static void create(Database database, int n) throws SQLException {
    database.execute(
        "CREATE TABLE region (id int PRIMARY KEY, name text NOT NULL)",
        "CREATE TABLE customer (id int PRIMARY KEY, region_id int NOT NULL, name text NOT NULL,"
            + " credit int NOT NULL)",
        "CREATE TABLE product (id int PRIMARY KEY, maker_id int NOT NULL, name text NOT NULL)",
        "CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, amount int NOT NULL,"
            + " placed date NOT NULL, note text)",
        "CREATE TABLE item (order_id int, line int, product_id int NOT NULL, quantity int NOT"
            + " NULL, PRIMARY KEY (order_id, line))",
        "CREATE TABLE visit (customer_id int NOT NULL, page text, seconds float8)",
        "INSERT INTO region SELECT i, 'region ' || i FROM generate_series(1, 20) i",
        ("INSERT INTO customer SELECT i, 1 + i %% 20, 'customer ' || i, i %% 1000"
                + " FROM generate_series(1, %d) i")
            .formatted(n / 2),
        ("INSERT INTO product SELECT i, 1 + i %% (%d / 10), 'product ' || i"
                + " FROM generate_series(1, %d) i")
            .formatted(n, n / 2),
        ("INSERT INTO orders SELECT i, 1 + (i * 7919::bigint) %% %d, i %% 997,"
                + " date '2026-01-01' + i %% 300, nullif('note ' || i / 20, 'note 0')"
                + " FROM generate_series(1, %d) i")
            .formatted(n / 2, n),
        ("INSERT INTO item SELECT i, line, 1 + (i * 104729::bigint + line) %% %d, line"
                + " FROM generate_series(1, %d) i, generate_series(1, 2) line")
            .formatted(n / 2, n),
        ("INSERT INTO visit SELECT 1 + (i * 31::bigint) %% %d, nullif('page ' || i / 4,"
                + " 'page 0'), i / 4.0 FROM generate_series(1, %d) i")
            .formatted(n / 2, n),
        "ANALYZE");
  }
}
