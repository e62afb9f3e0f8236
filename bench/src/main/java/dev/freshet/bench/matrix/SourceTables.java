package dev.freshet.bench.matrix;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The tables {@code src} and {@code dim} and their changes, all from one session whose random
 * numbers are seeded, so that a run can be repeated.
 *
 * <p>Row i of {@code src} has region i mod 5, category i mod 4, amount (17i + 13) mod 10000, score
 * (31i + 7) mod 100. {@code dim} has one row per region.
 */
public final class SourceTables {
  private static final String REGION =
      "(ARRAY['north', 'south', 'east', 'west', 'central'])[i % 5 + 1]";
  private static final String CATEGORY = "(ARRAY['A', 'B', 'C', 'D'])[i % 4 + 1]";
  private static final String ROW =
      "SELECT %s, %s, (i::bigint * 17 + 13) %% 10000, (i::bigint * 31 + 7) %% 100"
          .formatted(REGION, CATEGORY);
  private static final double UPDATES = 0.70;
  private static final double DELETES = 0.15;

  private final Connection connection;
  private final String src;
  private int lastId;
  private int rows;

  private SourceTables(Connection connection, String src, int rows) {
    this.connection = connection;
    this.src = src;
    this.rows = rows;
    this.lastId = rows;
  }

  /** Makes {@code src} with {@code rows} rows, and {@code dim}. */
  public static SourceTables create(Connection connection, int rows, long seed)
      throws SQLException {
    SourceTables tables = create(connection, "src", rows, seed);
    createDim(connection);
    return tables;
  }

  /** Makes a table like {@code src} under another name. */
  public static SourceTables create(Connection connection, String src, int rows, long seed)
      throws SQLException {
    SourceTables tables = new SourceTables(connection, src, rows);
    tables.execute(
        """
        CREATE TABLE %s (id SERIAL PRIMARY KEY, region TEXT NOT NULL, category TEXT NOT NULL,
          amount INT NOT NULL, score INT NOT NULL)\
        """
            .formatted(src));
    tables.insert(1, rows);
    tables.execute("SELECT setseed(%s)".formatted(fraction(seed)));
    tables.execute("VACUUM ANALYZE " + src);
    return tables;
  }

  /** Makes {@code dim}: five rows, one per region. */
  public static void createDim(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TABLE dim (id SERIAL PRIMARY KEY, region TEXT NOT NULL, region_name TEXT NOT NULL,
            multiplier NUMERIC NOT NULL DEFAULT 1.0)\
          """);
      statement.execute(
          """
          INSERT INTO dim (region, region_name)
          SELECT region, initcap(region) || ' Region'
          FROM unnest(ARRAY['north', 'south', 'east', 'west', 'central']) AS region\
          """);
      statement.execute("VACUUM ANALYZE dim");
    }
  }

  /** PostgreSQL seeds with a number in [-1, 1]. */
  private static String fraction(long seed) {
    return Double.toString(Math.floorMod(seed, 1_000_003L) / 1_000_003.0);
  }

  /**
   * Changes about {@code changes} rows in three autocommit statements: 70 % updated, 15 % deleted,
   * 15 % inserted, the first two at random.
   *
   * @return rows that were changed
   */
  public int change(int changes) throws SQLException {
    int updates = (int) Math.round(changes * UPDATES);
    int deletes = (int) Math.round(changes * DELETES);
    int inserts = changes - updates - deletes;
    int changed =
        update(
            "UPDATE %s SET amount = amount + 1 WHERE id IN (%s)".formatted(src, anyIds(updates)));
    int deleted = update("DELETE FROM %s WHERE id IN (%s)".formatted(src, anyIds(deletes)));
    int inserted = insert(lastId + 1, lastId + inserts);
    lastId += inserts;
    rows += inserted - deleted;
    return changed + deleted + inserted;
  }

  /**
   * Exactly {@code count} ids, or, where few rows of many change and sorting all would take longer
   * than anything measured, that many draws of which a few hit nothing.
   */
  private String anyIds(int count) {
    boolean few = rows > 200_000 && count < rows / 50;
    return few
        ? "SELECT 1 + floor(random() * %d)::int FROM generate_series(1, %d)"
            .formatted(lastId, count)
        : "SELECT id FROM %s ORDER BY random() LIMIT %d".formatted(src, count);
  }

  private int insert(int from, int to) throws SQLException {
    return update(
        "INSERT INTO %s (region, category, amount, score) %s FROM generate_series(%d, %d) AS i"
            .formatted(src, ROW, from, to));
  }

  public void analyze() throws SQLException {
    execute("ANALYZE " + src);
  }

  /** Rows in {@code src} now. */
  public int rows() {
    return rows;
  }

  private int update(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.executeUpdate(sql);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
