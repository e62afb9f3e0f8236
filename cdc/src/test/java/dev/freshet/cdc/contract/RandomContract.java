package dev.freshet.cdc.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The law of a change source: folding deltas over a copy gives the table at each snapshot, whatever
 * writers do at the same time.
 */
public abstract class RandomContract {
  private static final int WRITERS = 3;
  private static final int KEYS = 60;

  private final CaptureRig.Capturing capturing;

  private final long seed =
      Long.getLong("freshet.seed", System.nanoTime() ^ ProcessHandle.current().pid());

  protected RandomContract(CaptureRig.Capturing capturing) {
    this.capturing = capturing;
  }

  @ParameterizedTest
  @ValueSource(strings = {"DEFAULT", "FULL"})
  void keyedDeltasFoldToTheTable(String identity) throws Exception {
    fold(identity, (oid, columns) -> new DeltaView.Keyed(oid, columns, List.of("id")));
  }

  @Test
  void weightedDeltasFoldToTheTable() throws Exception {
    fold("FULL", DeltaView.Weighted::new);
  }

  @Test
  void reducedDeltasFoldToTheSums() throws Exception {
    fold("FULL", (oid, _) -> new DeltaView.Reduced(oid, List.of("v"), List.of("k")));
  }

  /** What else must hold when the writers have ended; the last delta is read after it. */
  protected void settled(CaptureRig capture) throws Exception {}

  private interface ViewFactory {
    DeltaView of(int oid, List<String> columns);
  }

  private void fold(String identity, ViewFactory factory) throws Exception {
    System.out.println(getClass().getSimpleName() + " seed " + seed);
    try (CaptureRig capture =
        capturing.on18(
            "CREATE TABLE t (id int PRIMARY KEY, k int, v text)",
            "ALTER TABLE t REPLICA IDENTITY " + identity)) {
      DeltaView view = factory.of(capture.oid("t"), List.of("id", "k", "v"));
      DeltaConsumer consumer = capture.filledConsumer(view);
      AtomicBoolean stop = new AtomicBoolean();
      List<Thread> writers = new ArrayList<>();
      List<Throwable> failures = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        Random random = new Random(seed + i);
        String name = "w" + i;
        writers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        write(capture, name, random, stop);
                      } catch (SQLException e) {
                        synchronized (failures) {
                          failures.add(e);
                        }
                      }
                    }));
      }
      try {
        follow(capture, consumer, view, Integer.getInteger("freshet.cycles", 150));
      } finally {
        stop.set(true);
        for (Thread writer : writers) {
          writer.join();
        }
      }
      assertThat(failures).isEmpty();
      settled(capture);
      follow(capture, consumer, view, 1);
    }
  }

  /** Refreshes a copy again and again, and compares it with the table in the same snapshot. */
  private void follow(CaptureRig capture, DeltaConsumer consumer, DeltaView view, int cycles)
      throws Exception {
    Map<String, Long> copy = new TreeMap<>();
    boolean filled = false;
    try (Connection connection = capture.database().connect();
        Statement statement = connection.createStatement()) {
      for (int cycle = 0; cycle < cycles; cycle++) {
        statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
        Snapshot snapshot = capture.alignedSnapshot(statement);
        Map<String, Long> expected = expected(statement, view);
        if (filled) {
          apply(consumer.delta(view, snapshot), view, copy);
        } else {
          copy.putAll(expected);
          filled = true;
        }
        assertThat(copy).as("cycle %d, seed %d", cycle, seed).isEqualTo(expected);
        statement.execute("COMMIT");
        consumer.advance(snapshot, capture.insertLsn());
      }
    }
  }

  private static Map<String, Long> expected(Statement statement, DeltaView view)
      throws SQLException {
    String query =
        view instanceof DeltaView.Reduced
            ? "SELECT coalesce(v, '∅'), count(*) * 1000000000 + coalesce(sum(k), 0) * 1000 +"
                + " count(k) FROM t GROUP BY v"
            : "SELECT concat_ws('│', id, coalesce(k::text, '∅'), coalesce(v, '∅')), 1 FROM t";
    Map<String, Long> rows = new TreeMap<>();
    try (ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        rows.merge(row.getString(1), row.getLong(2), Long::sum);
      }
    }
    return rows;
  }

  private static void apply(Delta delta, DeltaView view, Map<String, Long> copy) {
    if (delta instanceof Delta.Empty) {
      return;
    }
    assertThat(delta).isInstanceOf(Delta.Rows.class);
    DeltaRows rows = ((Delta.Rows) delta).rows();
    assertThat(((Delta.Rows) delta).complete()).isTrue();
    for (int row = 0; row < rows.rowCount(); row++) {
      switch (view) {
        case DeltaView.Keyed _ -> {
          String prefix = integer(rows.value(row, 0)) + "│";
          copy.keySet().removeIf(key -> key.startsWith(prefix));
          if (Boolean.parseBoolean(bool(rows.value(row, 3)))) {
            copy.put(text(rows, row), 1L);
          }
        }
        case DeltaView.Weighted _ -> add(copy, text(rows, row), number(rows.value(row, 3)));
        case DeltaView.Reduced _ -> {
          long weight = number(rows.value(row, 1));
          long total = number(rows.value(row, 2));
          long count = number(rows.value(row, 3));
          add(
              copy,
              CaptureRig.utf8(rows.value(row, 0)),
              weight * 1_000_000_000 + total * 1000 + count);
        }
      }
    }
  }

  private static void add(Map<String, Long> copy, String key, long weight) {
    copy.merge(key, weight, (a, b) -> a + b == 0 ? null : a + b);
  }

  private static String text(DeltaRows rows, int row) {
    return integer(rows.value(row, 0))
        + "│"
        + integer(rows.value(row, 1))
        + "│"
        + CaptureRig.utf8(rows.value(row, 2));
  }

  private static String integer(byte @Nullable [] bytes) {
    return bytes == null ? "∅" : Integer.toString(ByteBuffer.wrap(bytes).getInt());
  }

  private static String bool(byte @Nullable [] bytes) {
    return Boolean.toString(bytes != null && bytes[0] == 1);
  }

  private static long number(byte @Nullable [] bytes) {
    assertThat(bytes).isNotNull();
    return bytes == null ? 0 : ByteBuffer.wrap(bytes).getLong();
  }

  /** One writer: transactions of every kind until told to stop. */
  private static void write(CaptureRig capture, String name, Random random, AtomicBoolean stop)
      throws SQLException {
    Set<String> tolerated = Set.of("23505", "40P01");
    try (Connection connection = capture.database().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = '2s'");
      int prepared = 0;
      while (!stop.get()) {
        try {
          statement.execute("SET synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
          statement.execute("BEGIN");
          int changes = 1 + random.nextInt(6);
          for (int i = 0; i < changes; i++) {
            if (random.nextInt(4) == 0) {
              statement.execute("SAVEPOINT s");
              change(statement, random);
              statement.execute(
                  random.nextBoolean() ? "ROLLBACK TO SAVEPOINT s" : "RELEASE SAVEPOINT s");
            } else {
              change(statement, random);
            }
          }
          switch (random.nextInt(8)) {
            case 0 -> statement.execute("ROLLBACK");
            case 1 -> {
              String gid = capture.name() + name + prepared++;
              statement.execute("PREPARE TRANSACTION '" + gid + "'");
              statement.execute("SELECT pg_sleep(0.005)");
              statement.execute(
                  (random.nextInt(4) == 0 ? "ROLLBACK PREPARED '" : "COMMIT PREPARED '")
                      + gid
                      + "'");
            }
            case 2 -> {
              statement.execute("SELECT pg_sleep(0.01)");
              statement.execute("COMMIT");
            }
            default -> statement.execute("COMMIT");
          }
        } catch (SQLException e) {
          if (!tolerated.contains(String.valueOf(e.getSQLState()))) {
            throw e;
          }
          statement.execute("ROLLBACK");
        }
      }
    }
  }

  private static void change(Statement statement, Random random) throws SQLException {
    int id = random.nextInt(KEYS);
    String v = random.nextInt(5) == 0 ? "NULL" : "'v" + random.nextInt(5) + "'";
    String k = random.nextInt(5) == 0 ? "NULL" : Integer.toString(random.nextInt(1000));
    switch (random.nextInt(6)) {
      case 0 -> statement.execute("DELETE FROM t WHERE id = " + id);
      case 1, 2 ->
          statement.execute(
              "INSERT INTO t VALUES (%d, %s, %s) ON CONFLICT (id) DO UPDATE SET k = excluded.k"
                  .formatted(id, k, v));
      case 3 ->
          statement.execute(
              "UPDATE t SET id = %d WHERE id = %d AND NOT EXISTS (SELECT FROM t WHERE id = %d)"
                  .formatted(random.nextInt(KEYS), id, random.nextInt(KEYS)));
      case 4 -> statement.execute("UPDATE t SET v = %s WHERE id = %d".formatted(v, id));
      default -> statement.execute("UPDATE t SET k = %s WHERE id = %d".formatted(k, id));
    }
  }
}
