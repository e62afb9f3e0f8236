package dev.freshet.bench.freshness;

import dev.freshet.bench.matrix.Scenario;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A row that every stream table shows in its own way: in a region of its own, so that its amount is
 * also that region's total. A probe sets a new amount, commits, and polls until each of the five
 * shows it. One statement reads all five.
 */
final class Probe implements AutoCloseable {
  private static final long POLL_NANOS = 400_000L;
  private static final long PATIENCE_NANOS = 30_000_000_000L;
  private static final String REGION = "probe";

  private final Connection writer;
  private final Connection reader;
  private final PreparedStatement change;
  private final PreparedStatement look;
  private final Map<Scenario, List<Double>> millis = new EnumMap<>(Scenario.class);
  private final List<Double> uncertainty = new ArrayList<>();
  private int amount = 1_000_000;

  private Probe(Connection writer, Connection reader, int id) throws SQLException {
    this.writer = writer;
    this.reader = reader;
    this.change = writer.prepareStatement("UPDATE src SET amount = ? WHERE id = %d".formatted(id));
    this.look =
        reader.prepareStatement(
            """
            SELECT (SELECT amount FROM st_scan WHERE id = %1$d),
              (SELECT amount FROM st_filter WHERE id = %1$d),
              (SELECT total FROM st_aggregate WHERE region = '%2$s'),
              (SELECT amount FROM st_join WHERE id = %1$d),
              (SELECT total FROM st_join_agg WHERE region_name = 'Probe')\
            """
                .formatted(id, REGION));
  }

  /** Inserts the probe's row into {@code src} and its region into {@code dim}. */
  static int insertRow(Connection connection) throws SQLException {
    try (PreparedStatement dim =
            connection.prepareStatement(
                "INSERT INTO dim (region, region_name) VALUES (?, 'Probe')");
        PreparedStatement src =
            connection.prepareStatement(
                "INSERT INTO src (region, category, amount, score)"
                    + " VALUES (?, 'A', 1000000, 0) RETURNING id")) {
      dim.setString(1, REGION);
      dim.executeUpdate();
      src.setString(1, REGION);
      try (ResultSet row = src.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }

  /** Takes both connections over. */
  static Probe of(Connection writer, Connection reader, int id) throws SQLException {
    return new Probe(writer, reader, id);
  }

  /**
   * Changes the row and waits until every stream table shows it.
   *
   * @param count whether the times count
   * @throws IllegalStateException if one does not within 30 s
   */
  void shoot(boolean count) throws SQLException {
    amount++;
    change.setInt(1, amount);
    change.executeUpdate();
    long committed = System.nanoTime();
    long lastMiss = committed;
    Set<Scenario> waiting = EnumSet.allOf(Scenario.class);
    while (!waiting.isEmpty()) {
      long asked = System.nanoTime();
      Set<Scenario> showing = showing();
      long seen = System.nanoTime();
      for (Scenario scenario : showing) {
        if (waiting.remove(scenario) && count) {
          millis.computeIfAbsent(scenario, _ -> new ArrayList<>()).add((seen - committed) / 1e6);
          uncertainty.add((seen - lastMiss) / 1e6);
        }
      }
      if (seen - committed > PATIENCE_NANOS) {
        throw new IllegalStateException(
            "a committed change is not visible in %s after 30 s".formatted(waiting));
      }
      lastMiss = asked;
      if (!waiting.isEmpty()) {
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private Set<Scenario> showing() throws SQLException {
    Set<Scenario> showing = EnumSet.noneOf(Scenario.class);
    try (ResultSet row = look.executeQuery()) {
      row.next();
      for (Scenario scenario : Scenario.values()) {
        if (row.getLong(scenario.ordinal() + 1) == amount) {
          showing.add(scenario);
        }
      }
    }
    return showing;
  }

  /** Milliseconds from commit to visible, per stream table. */
  Map<Scenario, List<Double>> millis() {
    return millis;
  }

  /** Milliseconds within which each change became visible: by so much a time may be too long. */
  List<Double> uncertainty() {
    return uncertainty;
  }

  @Override
  public void close() throws SQLException {
    writer.close();
    reader.close();
  }
}
