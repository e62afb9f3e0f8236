package dev.freshet.cdc.debezium;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What is particular to Debezium: names instead of oids, no keepalives, jars that may be absent.
 */
class DebeziumSourceTest {
  private static final List<String> COLUMNS = List.of("id", "v");

  /** Two tables exchange their names, are written to, and exchange them again. */
  @Test
  void changesOfRenamedTablesAreNotTakenForAnothers() throws Exception {
    try (DebeziumFixture capture =
        DebeziumFixture.on18(
            "CREATE TABLE a (id int PRIMARY KEY, v text)",
            "CREATE TABLE b (id int PRIMARY KEY, v text)")) {
      DeltaView a = new DeltaView.Keyed(capture.oid("a"), COLUMNS, List.of("id"));
      DeltaView b = new DeltaView.Keyed(capture.oid("b"), COLUMNS, List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(a, b);
      capture.execute("INSERT INTO a VALUES (1, 'first')");
      refresh(capture, consumer, a);

      exchangeNames(capture);
      capture.execute("INSERT INTO a VALUES (2, 'of b')", "INSERT INTO b VALUES (3, 'of a')");
      exchangeNames(capture);
      Snapshot snapshot = capture.alignedSnapshot();
      assertThat(consumer.delta(a, snapshot)).isInstanceOf(Delta.Unknown.class);
      assertThat(consumer.delta(b, snapshot)).isInstanceOf(Delta.Unknown.class);
      consumer.advance(snapshot, capture.insertLsn());

      capture.execute("INSERT INTO a VALUES (4, 'of a')", "INSERT INTO b VALUES (5, 'of b')");
      assertThat(refresh(capture, consumer, a)).containsExactly("4 of a");
      capture.execute("DELETE FROM b WHERE id = 5", "UPDATE b SET id = 6, v = 'moved'");
      assertThat(refresh(capture, consumer, b)).contains("6 moved");
    }
  }

  private static void exchangeNames(DebeziumFixture capture) throws Exception {
    capture.execute(
        "BEGIN; ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b;"
            + " COMMIT");
  }

  /** The delta's rows that are present, as text. */
  private static List<String> refresh(
      DebeziumFixture capture, DeltaConsumer consumer, DeltaView view) throws Exception {
    Snapshot snapshot = capture.alignedSnapshot();
    var rows = DebeziumFixture.sent(consumer.delta(view, snapshot));
    List<String> found = new ArrayList<>();
    for (int row = 0; row < rows.rowCount(); row++) {
      if (SentRows.truth(rows, row, COLUMNS.size())) {
        List<String> values = SentRows.row(rows, row, COLUMNS.size());
        byte[] text = java.util.HexFormat.of().parseHex(values.get(1));
        found.add(Integer.parseInt(values.get(0), 16) + " " + new String(text, "UTF-8"));
      }
    }
    consumer.advance(snapshot, capture.insertLsn());
    return found;
  }

  /** Log that nobody here reads: a table outside of the publication. */
  @Test
  void idleSlotDoesNotPinTheLog() throws Exception {
    try (DebeziumFixture capture = DebeziumFixture.on18("CREATE TABLE t (id int PRIMARY KEY)")) {
      capture.execute("DROP PUBLICATION freshet", "CREATE PUBLICATION freshet FOR TABLE t");
      capture.source();
      capture.execute("CREATE TABLE noise AS SELECT i FROM generate_series(1, 50000) AS i");
      Lsn written = capture.insertLsn();
      await()
          .atMost(60, SECONDS)
          .until(() -> written.bytesSince(confirmed(capture)) < Heartbeat.WORTHWHILE_BYTES);
    }
  }

  /** The last record comes when nothing is confirmed, since something just was. */
  @Test
  void quietSlotIsConfirmedToItsEnd() throws Exception {
    try (DebeziumFixture capture = DebeziumFixture.on18("CREATE TABLE t (id int PRIMARY KEY)")) {
      capture.execute("DROP PUBLICATION freshet", "CREATE PUBLICATION freshet FOR TABLE t");
      capture.source();
      for (int burst = 0; burst < 10; burst++) {
        capture.alignedSnapshot();
        capture.execute("CREATE TABLE noise AS SELECT i FROM generate_series(1, 3000) AS i");
        capture.alignedSnapshot();
        capture.execute("DROP TABLE noise");
        Lsn written = capture.insertLsn();
        await()
            .atMost(20, SECONDS)
            .until(() -> written.bytesSince(confirmed(capture)) < Heartbeat.WORTHWHILE_BYTES);
      }
    }
  }

  @Test
  void nothingIsConfirmedThatNoFrontierHasSeen() throws Exception {
    try (DebeziumFixture capture =
        DebeziumFixture.on18("CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      DeltaView view = new DeltaView.Keyed(capture.oid("t"), COLUMNS, List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(view);
      Lsn before = capture.insertLsn();
      capture.execute("INSERT INTO t VALUES (1, 'unread')");
      Lsn after = capture.insertLsn();
      capture.execute("CREATE TABLE noise AS SELECT i FROM generate_series(1, 50000) AS i");
      capture.alignedSnapshot();
      assertThat(capture.source().confirmable()).isLessThan(after);
      capture.stopSource();
      assertThat(confirmed(capture)).isLessThan(after);

      consumer = capture.register("test", Set.of(view), consumer.frontier());
      assertThat(refresh(capture, consumer, view)).containsExactly("1 unread");
      await()
          .atMost(20, SECONDS)
          .until(
              () -> {
                capture.alignedSnapshot();
                return confirmed(capture).isAfter(before);
              });
    }
  }

  /** A walsender ends only when its client has confirmed all of it, and a change waits here. */
  @Test
  void serverStopsAndIsFollowedAgain() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.builder(PgVersion.V18).start();
        DebeziumFixture capture =
            new DebeziumFixture(server, "CREATE TABLE t (id int PRIMARY KEY, v text)")) {
      DeltaView view = new DeltaView.Keyed(capture.oid("t"), COLUMNS, List.of("id"));
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1, 'first')");
      assertThat(refresh(capture, consumer, view)).containsExactly("1 first");
      capture.execute("INSERT INTO t VALUES (2, 'waits')");
      capture.alignedSnapshot();
      await().atMost(10, SECONDS).until(() -> confirmed(capture).isAfter(Lsn.ZERO));
      long before = System.nanoTime();
      server.stop(ShutdownMode.FAST);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      await()
          .atMost(20, SECONDS)
          .until(() -> capture.source().state() instanceof ChangeSource.State.Reconnecting);
      server.start();
      capture.reconnectSession();
      await()
          .atMost(30, SECONDS)
          .until(() -> capture.source().state() instanceof ChangeSource.State.Streaming);
      // It may find out only now that the engine it has just started was cut off with the server.
      await().atMost(30, SECONDS).untilAsserted(capture::alignedSnapshot);
      capture.execute("INSERT INTO t VALUES (3, 'after')");
      assertThat(refresh(capture, consumer, view)).containsExactly("2 waits", "3 after");
    }
  }

  private static Lsn confirmed(DebeziumFixture capture) throws Exception {
    return Lsn.parse(
        capture.query(
            "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '"
                + capture.slot
                + "'"));
  }

  @Test
  void refusesColumnsByName() throws Exception {
    try (DebeziumFixture capture =
        DebeziumFixture.on18(
            "CREATE DOMAIN pause AS interval",
            "CREATE SCHEMA own",
            "CREATE TYPE own.date AS ENUM ('today')",
            "CREATE TABLE t (id int, p pause, m money, l text[], d own.date, \"ID\" int, q"
                + " point)")) {
      assertThat(
              RefusedColumns.of(
                  capture.database().connect(), capture.oid("t"), List.of("p", "l", "d", "id")))
          .extracting(refused -> refused.column() + ": " + refused.type())
          .containsExactly("id: integer", "p: pause", "l: text[]", "d: own.date", "ID: integer");
    }
  }

  @Test
  void saysWhatToPutOnTheClassPath() throws Exception {
    List<URL> withoutDebezium = new ArrayList<>();
    for (String entry :
        System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator), -1)) {
      if (!entry.contains("debezium-")) {
        withoutDebezium.add(url(entry));
      }
    }
    try (URLClassLoader loader =
        new URLClassLoader(
            withoutDebezium.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> classes = loader.loadClass(DebeziumClasses.class.getName());
      assertThat(classes.getMethod("arePresent").invoke(null)).isEqualTo(false);
      assertThatThrownBy(() -> classes.getMethod("require").invoke(null))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .hasMessageContaining("Debezium is not on the class path")
          .hasMessageContaining("lib/debezium");
    }
    assertThat(DebeziumClasses.arePresent()).isTrue();
  }

  private static URL url(String entry) throws MalformedURLException {
    return new File(entry).toURI().toURL();
  }
}
