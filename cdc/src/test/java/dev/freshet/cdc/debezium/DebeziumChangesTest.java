package dev.freshet.cdc.debezium;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaRows;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The law of a change source, by way of Debezium: folding deltas over copies gives the tables at
 * each snapshot, whatever writers do at the same time and wherever the source is interrupted.
 */
class DebeziumChangesTest {
  private static final int WRITERS = 3;
  private static final int KEYS = 40;
  private static final Set<String> TOLERATED = Set.of("23505", "40P01", "55P03", "40001");

  /** Large values, kept out of line and not compressed: an update of k leaves them unchanged. */
  private static final String[] TABLES = {
    "CREATE TABLE keyed (id int PRIMARY KEY, k int, v text)",
    "CREATE TABLE whole (id int PRIMARY KEY, k int, v text)",
    "CREATE TABLE bag (id int, k int, v text)",
    "CREATE TABLE parts (id int, k int, v text) PARTITION BY LIST ((id % 2))",
    "CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0)",
    "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1)",
    "ALTER TABLE keyed ALTER v SET STORAGE EXTERNAL",
    "ALTER TABLE whole ALTER v SET STORAGE EXTERNAL",
    "ALTER TABLE whole REPLICA IDENTITY FULL",
    "ALTER TABLE bag REPLICA IDENTITY FULL",
    "ALTER TABLE parts REPLICA IDENTITY FULL",
    "ALTER TABLE parts_0 REPLICA IDENTITY FULL",
    "ALTER TABLE parts_1 REPLICA IDENTITY FULL",
  };

  private static final List<String> NAMES = List.of("keyed", "whole", "bag", "parts");
  private static final List<String> COLUMNS = List.of("id", "k", "v");

  private final long seed =
      Long.getLong("freshet.seed", System.nanoTime() ^ ProcessHandle.current().pid());

  private int unknown;
  private int known;

  /** One table's copy: rows with weights. */
  private record Copy(DeltaView view, String table, Map<List<String>, Long> rows) {}

  @Test
  void deltasFoldToTheTables() throws Exception {
    System.out.println("DebeziumChangesTest seed " + seed);
    try (DebeziumFixture capture = DebeziumFixture.on18(TABLES);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Copy> copies = new ArrayList<>();
      for (String table : NAMES) {
        int oid = capture.oid(table);
        DeltaView view =
            table.equals("keyed")
                ? new DeltaView.Keyed(oid, COLUMNS, List.of("id"))
                : new DeltaView.Weighted(oid, COLUMNS);
        copies.add(new Copy(view, table, new HashMap<>()));
      }
      DeltaConsumer consumer =
          capture.filledConsumer(copies.stream().map(Copy::view).toArray(DeltaView[]::new));
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<Void>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(threads.submit(writer(capture, "w" + i, new Random(seed + i), stop)));
      }
      try {
        follow(capture, consumer, copies, 15, true);
        // The connection breaks under it: what is sent again is not counted twice.
        capture.query(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '"
                + capture.slot
                + "'");
        follow(capture, consumer, copies, 8, false);
        // Started anew, from durable frontiers.
        Optional<Snapshot> frontier = consumer.frontier();
        capture.stopSource();
        consumer =
            capture.register(
                "test", copies.stream().map(Copy::view).collect(Collectors.toSet()), frontier);
        follow(capture, consumer, copies, 8, false);
      } finally {
        stop.set(true);
      }
      for (Future<Void> writer : writers) {
        writer.get();
      }
      follow(capture, consumer, copies, 1, false);
      assertThat(known).as("deltas that told what changed").isGreaterThan(unknown);
    }
  }

  /** Refreshes the copies again and again, and compares them with the tables in one snapshot. */
  private void follow(
      DebeziumFixture capture, DeltaConsumer consumer, List<Copy> copies, int cycles, boolean fill)
      throws Exception {
    try (Connection connection = capture.database().connect();
        Statement statement = connection.createStatement()) {
      for (int cycle = 0; cycle < cycles; cycle++) {
        statement.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
        statement.execute("LOCK TABLE keyed, whole, bag, parts IN ACCESS SHARE MODE");
        Snapshot snapshot = snapshot(statement, capture);
        for (Copy copy : copies) {
          Map<List<String>, Long> expected = table(connection, copy.table());
          Delta delta = fill && cycle == 0 ? null : consumer.delta(copy.view(), snapshot);
          if (delta == null || delta instanceof Delta.Unknown) {
            unknown++;
            copy.rows().clear(); // Filled in full: at first, and after a TRUNCATE.
            copy.rows().putAll(expected);
          } else {
            known++;
            apply(connection, copy, delta);
          }
          assertThat(copy.rows())
              .as("%s, cycle %d, seed %d", copy.table(), cycle, seed)
              .isEqualTo(expected);
        }
        statement.execute("COMMIT");
        consumer.advance(snapshot, capture.insertLsn());
      }
    }
  }

  /** A snapshot that the source has caught up with, however often it is interrupted meanwhile. */
  private static Snapshot snapshot(Statement statement, DebeziumFixture capture)
      throws SQLException, InterruptedException {
    while (true) {
      String token = UUID.randomUUID().toString();
      try (ResultSet row =
          statement.executeQuery(
              "SELECT pg_current_snapshot()::text, pg_logical_emit_message(false, 'freshet', '"
                  + token
                  + "', true)")) {
        row.next();
        Snapshot snapshot = Snapshot.parse(row.getString(1));
        if (capture.source().awaitBarrier(token, DebeziumFixture.PATIENCE)) {
          return snapshot;
        }
      }
      // The snapshot stays; only a new marker is needed.
      assertThat(capture.source().awaitReceived(capture.insertLsn(), DebeziumFixture.PATIENCE))
          .as("connected again")
          .isTrue();
    }
  }

  private static Map<List<String>, Long> table(Connection connection, String table)
      throws SQLException, IOException {
    Map<List<String>, Long> rows = new HashMap<>();
    SentRows.of(connection, "SELECT id, k, v FROM " + table)
        .forEach(row -> rows.merge(row, 1L, Long::sum));
    return rows;
  }

  private static void apply(Connection connection, Copy copy, Delta delta)
      throws SQLException, IOException {
    if (delta instanceof Delta.Empty) {
      return;
    }
    assertThat(delta).isInstanceOf(Delta.Rows.class);
    DeltaRows rows = ((Delta.Rows) delta).rows();
    boolean complete = ((Delta.Rows) delta).complete();
    for (int row = 0; row < rows.rowCount(); row++) {
      List<String> values = SentRows.row(rows, row, COLUMNS.size());
      if (copy.view() instanceof DeltaView.Weighted) {
        long weight = SentRows.number(rows, row, COLUMNS.size());
        copy.rows().merge(values, weight, (a, b) -> a + b == 0 ? null : a + b);
        continue;
      }
      copy.rows().keySet().removeIf(known -> known.getFirst().equals(values.getFirst()));
      if (SentRows.truth(rows, row, COLUMNS.size())) {
        if (complete) {
          copy.rows().put(values, 1L);
        } else { // An unchanged TOAST value is somewhere: read the row, as a refresh does.
          int id = Integer.parseUnsignedInt(values.getFirst(), 16);
          SentRows.of(connection, "SELECT id, k, v FROM keyed WHERE id = " + id)
              .forEach(read -> copy.rows().put(read, 1L));
        }
      }
    }
  }

  /** One writer: transactions of every kind until told to stop. */
  private static Callable<Void> writer(
      DebeziumFixture capture, String name, Random random, AtomicBoolean stop) {
    return () -> {
      try (Connection connection = capture.database().connect();
          Statement statement = connection.createStatement()) {
        statement.execute("SET lock_timeout = '1s'");
        for (int number = 0; !stop.get(); number++) {
          try {
            transaction(statement, capture.slot + name + number, random);
          } catch (SQLException e) {
            if (!TOLERATED.contains(String.valueOf(e.getSQLState()))) {
              throw e;
            }
            statement.execute("ROLLBACK");
          }
        }
      }
      return null;
    };
  }

  private static void transaction(Statement statement, String gid, Random random)
      throws SQLException {
    statement.execute("SET synchronous_commit = " + (random.nextBoolean() ? "on" : "off"));
    statement.execute("BEGIN");
    int changes = 1 + random.nextInt(5);
    for (int i = 0; i < changes; i++) {
      if (random.nextInt(4) == 0) {
        statement.execute("SAVEPOINT s");
        change(statement, random);
        statement.execute(random.nextBoolean() ? "ROLLBACK TO SAVEPOINT s" : "RELEASE SAVEPOINT s");
      } else {
        change(statement, random);
      }
    }
    switch (random.nextInt(8)) {
      case 0 -> statement.execute("ROLLBACK");
      case 1 -> {
        statement.execute("PREPARE TRANSACTION '" + gid + "'");
        statement.execute(
            (random.nextInt(4) == 0 ? "ROLLBACK PREPARED '" : "COMMIT PREPARED '") + gid + "'");
      }
      default -> statement.execute("COMMIT");
    }
  }

  private static void change(Statement statement, Random random) throws SQLException {
    String table = NAMES.get(random.nextInt(NAMES.size()));
    int id = random.nextInt(KEYS);
    String v =
        switch (random.nextInt(5)) {
          case 0 -> "NULL";
          case 1 -> "repeat('long " + random.nextInt(9) + "', 600)";
          default -> "'v" + random.nextInt(5) + "'";
        };
    String k = random.nextInt(5) == 0 ? "NULL" : Integer.toString(random.nextInt(1000));
    switch (random.nextInt(500)) {
      case 0 -> statement.execute("TRUNCATE " + table);
      default -> row(statement, random, table, id, k, v);
    }
  }

  private static void row(
      Statement statement, Random random, String table, int id, String k, String v)
      throws SQLException {
    boolean hasKey = table.equals("keyed") || table.equals("whole");
    switch (random.nextInt(24)) {
      case 0, 1, 2, 3, 4 -> statement.execute("DELETE FROM %s WHERE id = %d".formatted(table, id));
      case 5, 6, 7, 8, 9, 10, 11, 12 ->
          statement.execute(
              "INSERT INTO %s VALUES (%d, %s, %s)".formatted(table, id, k, v)
                  + (hasKey ? " ON CONFLICT (id) DO UPDATE SET k = excluded.k" : ""));
      case 13, 14, 15 ->
          statement.execute(
              "UPDATE %s SET id = %d WHERE id = %d".formatted(table, random.nextInt(KEYS), id));
      case 16, 17, 18 ->
          statement.execute("UPDATE %s SET v = %s WHERE id = %d".formatted(table, v, id));
      default -> statement.execute("UPDATE %s SET k = %s WHERE id = %d".formatted(table, k, id));
    }
  }
}
