package dev.freshet.bench.tpch;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Changes the database, cycle by cycle: RF1 (new orders with their lines), RF2 (orders deleted with
 * their lines), and updates.
 *
 * <p>A quarter of the changed rows of {@code orders} and {@code lineitem} is inserted, a quarter
 * deleted, half updated; of each other large table half as large a share of the rows is updated. A
 * new order repeats a random one for another customer, at prices of its own: so it has as many
 * lines, and on such dates, as orders have.
 */
final class RefreshSets {
  private static final double INSERTED = 0.25;
  private static final double DELETED = 0.25;
  private static final double LINES_UPDATED = 0.4;
  private static final double ORDERS_UPDATED = 0.1;
  private static final double OTHERS = 0.5;

  private static final String CHANGED = "orders, lineitem, customer, supplier, part, partsupp";

  private static final String NEW =
      " FROM unnest(?::int[], ?::int[], ?::int[], ?::numeric[]) AS n (key, pattern, customer,"
          + " factor)";

  private static final String INSERT_ORDERS =
      """
      INSERT INTO orders
      SELECT n.key, n.customer, 'O', round(o_totalprice * n.factor, 2), o_orderdate,
             o_orderpriority, o_clerk, o_shippriority, o_comment
      """
          + NEW
          + " JOIN orders ON o_orderkey = n.pattern";

  private static final String INSERT_LINES =
      """
      INSERT INTO lineitem
      SELECT n.key, l_partkey, l_suppkey, l_linenumber, l_quantity,
             round(l_extendedprice * n.factor, 2), l_discount, l_tax, l_returnflag, l_linestatus,
             l_shipdate, l_commitdate, l_receiptdate, l_shipinstruct, l_shipmode, l_comment
      """
          + NEW
          + " JOIN lineitem ON l_orderkey = n.pattern";

  private static final String UPDATE_LINES =
      """
      UPDATE lineitem
      SET l_quantity = 1 + (l_quantity::int + 6) % 50,
          l_extendedprice = round(l_extendedprice * (0.95 + 0.1 * random())::numeric, 2),
          l_discount = ((l_discount * 100)::int + 1) % 11 / 100.0
      WHERE l_orderkey = ANY (?) AND l_linenumber = 1\
      """;

  private static final String UPDATE_ORDERS =
      """
      UPDATE orders
      SET o_orderstatus = CASE o_orderstatus WHEN 'O' THEN 'F' WHEN 'F' THEN 'P' ELSE 'O' END,
          o_orderpriority = CASE left(o_orderpriority, 1)
            WHEN '1' THEN '2-HIGH' WHEN '2' THEN '3-MEDIUM' WHEN '3' THEN '4-NOT SPECIFIED'
            WHEN '4' THEN '5-LOW' ELSE '1-URGENT' END
      WHERE o_orderkey = ANY (?)\
      """;

  private static final String UPDATE_CUSTOMERS =
      "UPDATE customer SET c_acctbal = c_acctbal + round((200 * random() - 100)::numeric, 2)"
          + " WHERE c_custkey = ANY (?)";

  private static final String UPDATE_SUPPLIERS =
      "UPDATE supplier SET s_acctbal = s_acctbal + round((200 * random() - 100)::numeric, 2)"
          + " WHERE s_suppkey = ANY (?)";

  private static final String UPDATE_PARTS =
      "UPDATE part SET p_retailprice = round(p_retailprice * (0.95 + 0.1 * random())::numeric, 2)"
          + " WHERE p_partkey = ANY (?)";

  private static final String UPDATE_OFFERS =
      """
      UPDATE partsupp
      SET ps_supplycost = round(ps_supplycost * (0.95 + 0.1 * random())::numeric, 2),
          ps_availqty = 1 + (ps_availqty + 998) % 9999
      WHERE ps_partkey = ANY (?)\
      """;

  private final Connection connection;
  private final Random random;
  private final List<Integer> orders = new ArrayList<>();
  private final double linesPerOrder;
  private final int customers;
  private final int suppliers;
  private final int parts;
  private int lastOrder;

  /**
   * @param connection in auto-commit mode
   */
  RefreshSets(Connection connection, long seed) throws SQLException {
    this.connection = connection;
    this.random = new Random(seed);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT setseed(" + random.nextDouble() + ")");
      try (ResultSet row =
          statement.executeQuery("SELECT o_orderkey FROM orders ORDER BY o_orderkey")) {
        while (row.next()) {
          orders.add(row.getInt(1));
        }
      }
    }
    linesPerOrder = (double) count("lineitem") / orders.size();
    customers = count("customer");
    suppliers = count("supplier");
    parts = count("part");
    lastOrder = orders.getLast();
  }

  /**
   * Changes about the share {@code rate} of {@code orders} and {@code lineitem}, then analyses.
   *
   * @return rows that were changed, in all tables
   */
  long change(double rate) throws SQLException {
    double rows = rate * orders.size() * (1 + linesPerOrder);
    long changed = insertOrders(atLeastOne(rows * INSERTED / (1 + linesPerOrder)));
    changed += deleteOrders(atLeastOne(rows * DELETED / (1 + linesPerOrder)));
    changed += update(UPDATE_LINES, someOrders(atLeastOne(rows * LINES_UPDATED)));
    changed += update(UPDATE_ORDERS, someOrders(atLeastOne(rows * ORDERS_UPDATED)));
    changed += update(UPDATE_CUSTOMERS, some(customers, rate * OTHERS * customers));
    changed += update(UPDATE_SUPPLIERS, some(suppliers, rate * OTHERS * suppliers));
    changed += update(UPDATE_PARTS, some(parts, rate * OTHERS * parts));
    changed += update(UPDATE_OFFERS, some(parts, rate * OTHERS * parts));
    try (Statement statement = connection.createStatement()) {
      // As autovacuum would: of the whole database it would analyse the catalogs too, after which
      // no plan that reads them is kept.
      statement.execute("ANALYZE " + CHANGED);
    }
    return changed;
  }

  /** RF1, one transaction. */
  private long insertOrders(int count) throws SQLException {
    Integer[] keys = new Integer[count];
    Integer[] patterns = someOrders(count);
    Integer[] buyers = new Integer[count];
    String[] factors = new String[count];
    for (int i = 0; i < count; i++) {
      keys[i] = ++lastOrder;
      buyers[i] = 1 + random.nextInt(customers);
      factors[i] = Double.toString(Math.rint(900_000 + 200_000 * random.nextDouble()) / 1e6);
    }
    connection.setAutoCommit(false);
    try {
      long changed = 0;
      for (String sql : List.of(INSERT_ORDERS, INSERT_LINES)) {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
          insert.setArray(1, array(keys));
          insert.setArray(2, array(patterns));
          insert.setArray(3, array(buyers));
          insert.setArray(4, connection.createArrayOf("numeric", factors));
          changed += insert.executeUpdate();
        }
      }
      connection.commit();
      orders.addAll(Arrays.asList(keys));
      return changed;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** RF2, one transaction. */
  private long deleteOrders(int count) throws SQLException {
    Integer[] keys = someOrders(count);
    connection.setAutoCommit(false);
    try {
      long changed =
          update("DELETE FROM lineitem WHERE l_orderkey = ANY (?)", keys)
              + update("DELETE FROM orders WHERE o_orderkey = ANY (?)", keys);
      connection.commit();
      Set<Integer> gone = Set.of(keys);
      orders.removeIf(gone::contains);
      return changed;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  private long update(String sql, Integer[] keys) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setArray(1, array(keys));
      return statement.executeUpdate();
    }
  }

  private Array array(Integer[] values) throws SQLException {
    return connection.createArrayOf("int4", values);
  }

  /** Keys of different orders. */
  private Integer[] someOrders(int count) {
    Set<Integer> chosen = new LinkedHashSet<>();
    int wanted = Math.min(count, orders.size());
    while (chosen.size() < wanted) {
      chosen.add(orders.get(random.nextInt(orders.size())));
    }
    return chosen.toArray(Integer[]::new);
  }

  /** About {@code count} of the keys from 1 to {@code last}, at least one. */
  private Integer[] some(int last, double count) {
    Integer[] keys = new Integer[atLeastOne(count)];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = 1 + random.nextInt(last);
    }
    return keys;
  }

  private static int atLeastOne(double count) {
    return (int) Math.max(1, Math.round(count));
  }

  private int count(String table) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getInt(1);
    }
  }
}
