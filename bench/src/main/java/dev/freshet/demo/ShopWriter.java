package dev.freshet.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Customers order, pay, change their minds and move, merchants ship and change prices: transactions
 * of one to four statements at a steady rate, by one session.
 */
final class ShopWriter implements AutoCloseable {
  private static final long MARKER_INTERVAL_NANOS = 150_000_000L;
  private static final long MAX_BEHIND_NANOS = 1_000_000_000L;
  private static final int MAX_REMEMBERED = 10_000;

  private final Connection connection;
  private final RandomGenerator random;
  private final double transactionsPerSecond;
  private final Consumer<Marker> markers;
  private final AtomicLong transactions = new AtomicLong();
  private final AtomicLong rows = new AtomicLong();
  private final Deque<Long> unpaid = new ArrayDeque<>();
  private final Deque<Long> unshipped = new ArrayDeque<>();
  private final Deque<Long> shipped = new ArrayDeque<>();
  private final Thread thread;
  private volatile Optional<SQLException> failure = Optional.empty();
  private volatile boolean stopped;
  private long nextMarkerNanos = System.nanoTime();

  /**
   * @param connection its own; closed with the writer
   * @param markers told of an order every now and then, right after its commit
   */
  ShopWriter(
      Connection connection,
      double transactionsPerSecond,
      RandomGenerator random,
      Consumer<Marker> markers)
      throws SQLException {
    this.connection = connection;
    this.transactionsPerSecond = transactionsPerSecond;
    this.random = random;
    this.markers = markers;
    connection.setAutoCommit(false);
    this.thread = Thread.ofPlatform().name("shop-writer").daemon().unstarted(this::write);
  }

  void start() {
    thread.start();
  }

  long transactions() {
    return transactions.get();
  }

  /** Rows inserted, updated or deleted so far. */
  long rows() {
    return rows.get();
  }

  /** Why it ended before it was closed, if so. */
  Optional<SQLException> failure() {
    return failure;
  }

  private void write() {
    long intervalNanos = (long) (1e9 / transactionsPerSecond);
    long due = System.nanoTime();
    try {
      while (!stopped) {
        transaction();
        due = Math.max(due + intervalNanos, System.nanoTime() - MAX_BEHIND_NANOS);
        for (long wait = due - System.nanoTime(); wait > 0 && !stopped; ) {
          LockSupport.parkNanos(wait);
          wait = due - System.nanoTime();
        }
      }
    } catch (SQLException e) {
      if (!stopped) {
        failure = Optional.of(e);
      }
    }
  }

  private void transaction() throws SQLException {
    int dice = random.nextInt(100);
    int changed;
    if (dice < 48 || unpaid.isEmpty()) {
      changed = order();
    } else if (dice < 70) {
      changed = pay(unpaid.removeFirst());
    } else if (dice < 84 && !unshipped.isEmpty()) {
      changed = ship(unshipped.removeFirst());
    } else if (dice < 89) {
      changed = changePrice();
    } else if (dice < 94) {
      changed = cancel(shipped.isEmpty() ? unpaid.removeFirst() : shipped.removeFirst());
    } else if (dice < 98) {
      changed = orderMore(unpaid.getLast());
    } else {
      changed = move();
    }
    transactions.incrementAndGet();
    rows.addAndGet(changed);
  }

  private int order() throws SQLException {
    int customer = 1 + random.nextInt(ShopSchema.CUSTOMERS);
    long order;
    long xid;
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO orders (customer_id) VALUES (?) RETURNING id,"
                + " pg_current_xact_id()::text")) {
      insert.setInt(1, customer);
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        order = row.getLong(1);
        xid = Long.parseUnsignedLong(row.getString(2));
      }
    }
    Integer[] products = new Integer[1 + random.nextInt(4)];
    for (int i = 0; i < products.length; i++) {
      products[i] = 1 + random.nextInt(ShopSchema.PRODUCTS);
    }
    int items =
        update(
            """
            INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
            SELECT ?, row_number() OVER (), p.id, ?, p.price
            FROM products p WHERE p.id = ANY (?)\
            """,
            order,
            1 + random.nextInt(3),
            connection.createArrayOf("int4", products));
    connection.commit();
    long committed = System.nanoTime();
    remember(unpaid, order);
    if (committed >= nextMarkerNanos) {
      nextMarkerNanos = committed + MARKER_INTERVAL_NANOS;
      String what = "order %d, %d item%s".formatted(order, items, items == 1 ? "" : "s");
      markers.accept(new Marker(xid, committed, order, what));
    }
    return 1 + items;
  }

  private int pay(long order) throws SQLException {
    int paid = update("UPDATE orders SET status = 'paid' WHERE id = ? AND status = 'new'", order);
    int payments =
        update(
            """
            INSERT INTO payments (order_id, amount)
            SELECT order_id, sum(quantity * unit_price) FROM order_items
            WHERE order_id = ? GROUP BY order_id\
            """,
            order);
    connection.commit();
    remember(unshipped, order);
    return paid + payments;
  }

  private int ship(long order) throws SQLException {
    int done = update("UPDATE orders SET status = 'shipped' WHERE id = ?", order);
    connection.commit();
    remember(shipped, order);
    return done;
  }

  private int changePrice() throws SQLException {
    int percent = 90 + random.nextInt(21);
    int done =
        update(
            "UPDATE products SET price = greatest(0.99, round(price * ? / 100, 2)) WHERE id = ?",
            percent,
            1 + random.nextInt(ShopSchema.PRODUCTS));
    connection.commit();
    return done;
  }

  private int cancel(long order) throws SQLException {
    int done =
        update("DELETE FROM payments WHERE order_id = ?", order)
            + update("DELETE FROM order_items WHERE order_id = ?", order)
            + update("DELETE FROM orders WHERE id = ?", order);
    connection.commit();
    return done;
  }

  private int orderMore(long order) throws SQLException {
    int done = update("UPDATE order_items SET quantity = quantity + 1 WHERE order_id = ?", order);
    connection.commit();
    return done;
  }

  private int move() throws SQLException {
    int done =
        update(
            "UPDATE customers SET region = ? WHERE id = ?",
            ShopSchema.REGIONS[random.nextInt(ShopSchema.REGIONS.length)],
            1 + random.nextInt(ShopSchema.CUSTOMERS));
    connection.commit();
    return done;
  }

  private static void remember(Deque<Long> orders, long order) {
    orders.addLast(order);
    if (orders.size() > MAX_REMEMBERED) {
      orders.removeFirst();
    }
  }

  private int update(String sql, Object... parameters) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      return statement.executeUpdate();
    }
  }

  /** Ends after the transaction under way. */
  @Override
  public void close() throws SQLException {
    stopped = true;
    LockSupport.unpark(thread);
    try {
      thread.join(5_000);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    connection.close();
  }
}
