package dev.freshet.cdc.trigger;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What can befall triggers and their buffers, and their writers because of them. */
class TriggerTrapsTest {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY, v text, w int)";

  private static DeltaView view(TriggerRig capture, String... columns) throws Exception {
    return new DeltaView.Weighted(capture.oid("t"), List.of(columns));
  }

  @Test
  void writerNeedsNoPrivilegeOnTheBuffer() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE)) {
      DeltaView view = view(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      String role = capture.name();
      capture.execute("CREATE ROLE " + role, "GRANT INSERT ON t TO " + role);
      try {
        capture.execute("SET ROLE " + role + "; INSERT INTO t VALUES (1, 'a')");
      } finally {
        capture.execute("DROP OWNED BY " + role, "DROP ROLE " + role);
      }
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("1│a│1");
    }
  }

  @Test
  void writersSearchPathDoesNotMatter() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE)) {
      DeltaView view = view(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "CREATE SCHEMA evil",
          "CREATE FUNCTION evil.pg_current_xact_id() RETURNS xid8 LANGUAGE sql AS"
              + " $$SELECT '3'::xid8$$",
          "SET search_path = evil, pg_catalog; INSERT INTO public.t VALUES (1, 'a')");
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("1│a│1");
    }
  }

  @Test
  void writersEncodingDoesNotMatter() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE)) {
      DeltaView view = view(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "DO $$BEGIN SET LOCAL client_encoding = 'LATIN1';"
              + " INSERT INTO t VALUES (1, chr(228) || 'bc'); END$$",
          "DO $$BEGIN SET LOCAL client_encoding = 'SQL_ASCII'; UPDATE t SET w = 1; END$$");
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("1│äbc│1");
    }
  }

  @Test
  void renamedAndDroppedColumnsFailNoWriter() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE)) {
      DeltaView view = view(capture, "id", "v");
      DeltaView other = view(capture, "id");
      DeltaConsumer consumer = capture.filledConsumer(view, other);
      capture.execute("ALTER TABLE t RENAME v TO renamed", "INSERT INTO t VALUES (1, 'a')");
      assertThat(capture.deltaNow(consumer, view)).isInstanceOf(Delta.Unknown.class);
      assertThat(capture.rows(capture.deltaNow(consumer, other))).containsExactly("1│1");
      capture.execute(
          "ALTER TABLE t DROP COLUMN renamed",
          "INSERT INTO t VALUES (2)",
          "UPDATE t SET w = 1",
          "DELETE FROM t WHERE id = 1");
      assertThat(capture.rows(capture.deltaNow(consumer, other))).containsExactly("2│1");
    }
  }

  @Test
  void columnsMayBeCalledAnything() throws Exception {
    List<String> names =
        List.of("id", "found", "new", "TG_OP", "we\"ird", "$capture$", "image", "r", "ünï", "xid");
    String columns =
        names.stream().skip(1).map(n -> CaptureSql.identifier(n) + " int").collect(joining(", "));
    try (TriggerRig capture =
        TriggerRig.on18("CREATE TABLE t (id int PRIMARY KEY, " + columns + ")")) {
      DeltaView view = view(capture, names.toArray(String[]::new));
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 10)",
          "UPDATE t SET found = 0",
          "INSERT INTO t (id) VALUES (2)",
          "DELETE FROM t WHERE id = 2");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│0│3│4│5│6│7│8│9│10│1");
    }
  }

  @Test
  void retypedColumnFailsNoWriter() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE)) {
      DeltaView view = view(capture, "w");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "INSERT INTO t VALUES (1, 'a', 1)",
          "ALTER TABLE t ALTER w TYPE text",
          "INSERT INTO t VALUES (2, 'b', 'not a number')");
      assertThat(capture.deltaNow(consumer, view))
          .isInstanceOfSatisfying(
              Delta.Unknown.class,
              unknown -> assertThat(unknown.reason()).contains("column w").contains("type"));
    }
  }

  @Test
  void childOfAnInheritanceParentIsCapturedRowByRow() throws Exception {
    try (TriggerRig capture =
        TriggerRig.on18(
            "CREATE TABLE parent (id int, v text)",
            "CREATE TABLE t (w int) INHERITS (parent)",
            "INSERT INTO t VALUES (1, 'a', 1)")) {
      DeltaView view = view(capture, "id", "v");
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute(
          "UPDATE parent SET v = 'b'",
          "INSERT INTO t VALUES (2, 'c', 2)",
          "DELETE FROM parent" + " WHERE id = 1");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactlyInAnyOrder("1│a│-1", "2│c│1");
    }
  }

  @Test
  void columnNeededLaterIsCapturedOnceOlderWritersHaveEnded() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE);
        Connection late = capture.database().connect();
        Statement writer = late.createStatement();
        Connection connection = capture.database().connect()) {
      DeltaView narrow = view(capture, "id");
      DeltaConsumer first = capture.filledConsumer(narrow);
      writer.execute("BEGIN; INSERT INTO t VALUES (1, 'early', 1)");
      TriggerAdmin admin = new TriggerAdmin(connection);
      assertThat(admin.install(capture.oid("t"), Set.of("v"), Duration.ofMillis(200), 5))
          .isInstanceOf(TriggerAdmin.Outcome.Installed.class);
      assertThat(admin.await(capture.oid("t"), Duration.ofMillis(100)))
          .as("who may have written without the column")
          .isPresent();
      writer.execute("COMMIT");
      DeltaView wide = view(capture, "id", "v");
      DeltaConsumer second = capture.filledConsumer(wide);
      capture.execute("INSERT INTO t VALUES (2, 'late', 2)");
      assertThat(capture.rows(capture.deltaNow(first, narrow)))
          .containsExactlyInAnyOrder("1│1", "2│1");
      assertThat(capture.rows(capture.deltaNow(second, wide))).containsExactly("2│late│1");
    }
  }

  @Test
  void generationsAreDroppedWhenAllHaveSeenThemAndNothingIsLost() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE)) {
      TriggerChangeSource source =
          capture.start(new TriggerOptions(Duration.ofMillis(2), 256 << 20, 8 << 10));
      DeltaView view = view(capture, "id", "w");
      DeltaConsumer fast = capture.filledConsumer(view);
      DeltaConsumer slow = capture.filledConsumer(view);
      await().until(() -> source.connection() == 1);
      source.permitForgetting(1);
      Map<String, Integer> copy = new TreeMap<>();
      for (int round = 0; round < 40; round++) {
        capture.execute(
            "INSERT INTO t SELECT %1$d * 100 + i, 'x', i FROM generate_series(1, 50) i"
                .formatted(round),
            "UPDATE t SET w = w + 1 WHERE id %% 7 = %d %% 7".formatted(round));
        fold(capture, fast, view, copy);
        if (round == 20) {
          // A generation is ended by what is written to it, however late the poll looks.
          await()
              .until(
                  () -> {
                    capture.execute("UPDATE t SET w = w");
                    fold(capture, fast, view, copy);
                    return generations(capture) > 3;
                  });
        }
      }
      assertThat(copy.values()).containsOnly(1);
      assertThat(copy).hasSize(2000);
      Map<String, Integer> late = new TreeMap<>();
      fold(capture, slow, view, late);
      assertThat(late).as("a slow reader keeps what it has not seen").isEqualTo(copy);
      capture.execute("UPDATE t SET w = w");
      fold(capture, fast, view, copy);
      fold(capture, slow, view, late);
      await()
          .untilAsserted(
              () -> {
                capture.execute("UPDATE t SET w = w WHERE id = 1");
                fold(capture, fast, view, copy);
                fold(capture, slow, view, late);
                assertThat(generations(capture)).isLessThan(3);
              });
      assertThat(copy).hasSize(2000).isEqualTo(late);
    }
  }

  private static int generations(TriggerRig capture) throws Exception {
    return Integer.parseInt(
        capture.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'changes\\_%'"));
  }

  private static void fold(
      TriggerRig capture, DeltaConsumer consumer, DeltaView view, Map<String, Integer> copy)
      throws Exception {
    Snapshot snapshot = capture.alignedSnapshot();
    for (String row : capture.rows(consumer.delta(view, snapshot))) {
      int bar = row.lastIndexOf('│');
      copy.merge(
          row.substring(0, bar),
          Integer.parseInt(row.substring(bar + 1)),
          (a, b) -> a + b == 0 ? null : a + b);
    }
    consumer.advance(snapshot, capture.insertLsn());
  }

  @Test
  void removedTriggersLeaveNothing() throws Exception {
    try (TriggerRig capture = TriggerRig.on18(TABLE);
        Connection connection = capture.database().connect()) {
      capture.filledConsumer(view(capture, "id")).close();
      assertThat(new TriggerAdmin(connection).remove(capture.oid("t"), Duration.ofSeconds(1)))
          .isTrue();
      assertThat(
              capture.query(
                  """
                  SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'freshet%')
                    + (SELECT count(*) FROM pg_proc WHERE proname LIKE 'capture\\_%')
                    + (SELECT count(*) FROM pg_class WHERE relname LIKE 'changes\\_%')\
                  """))
          .isEqualTo("0");
      capture.execute("INSERT INTO t VALUES (1)");
    }
  }

  @Test
  void subscribedTableIsCapturedFromTheApplyWorker() throws Exception {
    try (TriggerRig origin = TriggerRig.on18(TABLE, "CREATE PUBLICATION p FOR TABLE t");
        TriggerRig capture = TriggerRig.on18(TABLE)) {
      String slot = capture.name();
      origin.query("SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
      capture.execute(
          "CREATE SUBSCRIPTION %1$s CONNECTION 'host=%2$s port=%3$d dbname=%4$s user=postgres' PUBLICATION p WITH (create_slot = false, slot_name = '%1$s', copy_data = false)"
              .formatted(
                  slot,
                  origin.database().server().host(),
                  origin.database().server().port(),
                  origin.database().name()));
      try {
        DeltaView view = view(capture, "id", "v");
        DeltaConsumer consumer = capture.filledConsumer(view);
        origin.execute("INSERT INTO t VALUES (1, 'a', 1)", "UPDATE t SET v = 'b'");
        capture.execute("INSERT INTO t VALUES (5, 'own', 1)");
        await()
            .atMost(Duration.ofSeconds(20))
            .until(() -> capture.query("SELECT count(*) FROM t WHERE v = 'b'").equals("1"));
        assertThat(capture.rows(capture.deltaNow(consumer, view)))
            .containsExactlyInAnyOrder("1│b│1", "5│own│1");
      } finally {
        capture.execute("DROP SUBSCRIPTION " + slot);
      }
    }
  }
}
