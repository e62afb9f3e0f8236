package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.ChangeSource.State;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.ShutdownMode;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Connections break and servers refuse: nothing is lost, and every refusal says what to do. */
class ConnectionLossTest {
  private static final String TABLE = "CREATE TABLE t (id int PRIMARY KEY)";
  private static final Class<State.Reconnecting> RECONNECTING = State.Reconnecting.class;

  private static DeltaView view(CaptureFixture capture) throws Exception {
    return new DeltaView.Keyed(capture.oid("t"), List.of("id"), List.of("id"));
  }

  private static void killWalSender(CaptureFixture capture) throws Exception {
    capture.query(
        "SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots"
            + " WHERE slot_name = '"
            + capture.slot
            + "'");
  }

  private static void awaitStreaming(CaptureFixture capture) {
    Awaitility.await()
        .atMost(CaptureFixture.PATIENCE)
        .until(() -> capture.source().state() instanceof State.Streaming);
  }

  private static void awaitLoss(CaptureFixture capture) {
    Awaitility.await()
        .atMost(CaptureFixture.PATIENCE)
        .until(() -> capture.source().state() instanceof State.Reconnecting);
  }

  /** Gives up early when the slot or all senders are taken. */
  private static WalOptions impatient(CaptureFixture capture) {
    return new WalOptions(
        capture.slot, "freshet", Duration.ofSeconds(1), Duration.ofMillis(200), 1 << 20);
  }

  @Test
  void killedWalSenderCostsNoChangeAndDoublesNone() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1)");
      Snapshot passed = capture.alignedSnapshot();

      killWalSender(capture);
      capture.execute("INSERT INTO t VALUES (2)");

      assertThat(capture.rows(consumer.delta(view, passed)))
          .as("a refresh that had passed its barrier still reads a right delta")
          .containsExactly("1│true");
      Awaitility.await()
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> consumer.pending().transactions() == 2);
      awaitStreaming(capture);
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│true", "2│true");
    }
  }

  private interface Harm {
    void to(SwallowingProxy proxy) throws Exception;
  }

  /** A connection that is harmed while somebody waits is given up, and nothing is missed. */
  private static State.Reconnecting noticed(CaptureFixture capture, Harm harm) throws Exception {
    Properties user = new Properties();
    user.setProperty("user", "postgres");
    DeltaView view = view(capture);
    try (SwallowingProxy proxy = new SwallowingProxy(capture.database().server().port());
        WalChangeSource source =
            new WalChangeSource(
                ReplicationConnections.of(
                    "jdbc:postgresql://127.0.0.1:%d/%s"
                        .formatted(proxy.port(), capture.database().name()),
                    user),
                capture.options())) {
      var states = new ConcurrentLinkedQueue<State>();
      source.addListener(ChangeSource.onState(states::add));
      DeltaConsumer consumer = source.register("st", Set.of(view), Optional.empty());
      consumer.advance(capture.snapshot(), capture.insertLsn());
      source.start();
      harm.to(proxy);
      capture.execute("INSERT INTO t VALUES (1)");
      assertThat(source.awaitBarrier("never sent", CaptureFixture.PATIENCE)).isFalse();
      assertThat(states).as("told before waiters are").hasAtLeastOneElementOfType(RECONNECTING);
      Awaitility.await()
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> consumer.pending().transactions() == 1);
      return RECONNECTING.cast(states.stream().filter(RECONNECTING::isInstance).findFirst().get());
    }
  }

  /** No packet tells of it, as when a firewall has forgotten the connection. */
  @Test
  void connectionThatWentDeadIsNoticedWithinSeconds() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      capture.execute(
          "ALTER DATABASE %s SET wal_sender_timeout = '2s'".formatted(capture.database().name()));
      assertThat(noticed(capture, SwallowingProxy::swallow).cause()).contains("not answered");
    }
  }

  /** The driver takes the end of a stream for silence; the next write would tell. */
  @Test
  void connectionClosedWithoutAWordIsNoticedByReading() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      assertThat(noticed(capture, SwallowingProxy::hangUp).cause())
          .containsAnyOf("closed by the other end", "reading");
    }
  }

  /** Idle for longer than a server may be silent: it answers, so it is not taken for dead. */
  @Test
  void quietConnectionIsNotTakenForDead() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      capture.execute(
          "ALTER DATABASE %s SET wal_sender_timeout = '2s'".formatted(capture.database().name()));
      capture.source();
      Awaitility.await()
          .during(Duration.ofSeconds(7))
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> capture.source().state() instanceof State.Streaming);
    }
  }

  @Test
  void barrierIsNotPassedWhenTheConnectionIsLostMeanwhile() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      capture.filledConsumer(view(capture));
      Thread killer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      killWalSender(capture);
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  });
      assertThat(capture.source().awaitBarrier("never sent", CaptureFixture.PATIENCE)).isFalse();
      killer.join();
    }
  }

  @Test
  void restartedServerIsFollowedAgain() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.builder(PgVersion.V18).start();
        CaptureFixture capture = new CaptureFixture(server, TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1)");
      Snapshot before = capture.alignedSnapshot();
      server.crash();
      awaitLoss(capture);
      server.start();
      awaitStreaming(capture);
      capture.execute("INSERT INTO t VALUES (2)");
      capture.reconnectSession();
      assertThat(capture.rows(consumer.delta(view, before))).containsExactly("1│true");
      assertThat(capture.rows(capture.deltaNow(consumer, view)))
          .containsExactly("1│true", "2│true");
    }
  }

  @Test
  void serverStopsAlthoughAChangeWaitsForItsConsumer() throws Exception {
    try (EmbeddedServer server = EmbeddedServer.builder(PgVersion.V18).start();
        CaptureFixture capture = new CaptureFixture(server, TABLE)) {
      DeltaView view = view(capture);
      DeltaConsumer consumer = capture.filledConsumer(view);
      capture.execute("INSERT INTO t VALUES (1)");
      capture.passBarrier();
      long before = System.nanoTime();
      server.stop(ShutdownMode.FAST);
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(20));
      awaitLoss(capture);
      server.start();
      awaitStreaming(capture);
      capture.reconnectSession();
      assertThat(capture.rows(capture.deltaNow(consumer, view))).containsExactly("1│true");
    }
  }

  @Test
  void missingSlotIsNamed() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      assertThatThrownBy(() -> capture.start(WalOptions.of("no_such_slot", "freshet")))
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("replication slot \"no_such_slot\" does not exist")
          .hasMessageContaining("refill");
    }
  }

  @Test
  void missingPublicationIsNamed() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      assertThatThrownBy(() -> capture.start(WalOptions.of(capture.slot, "nope")))
          .isInstanceOf(CaptureException.class)
          .hasMessageContaining("publication \"nope\" does not exist");
    }
  }

  @Test
  void publicationDroppedWhileStreamingEndsInFailed() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      capture.filledConsumer(view(capture));
      capture.execute("DROP PUBLICATION freshet", "INSERT INTO t VALUES (1)");
      killWalSender(capture);
      Awaitility.await()
          .atMost(CaptureFixture.PATIENCE)
          .until(() -> capture.source().state() instanceof State.Failed);
      assertThat(((State.Failed) capture.source().state()).cause())
          .contains("publication \"freshet\" does not exist");
    }
  }

  @Test
  void slotInUseNamesTheProcess() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      capture.source();
      try (WalChangeSource second =
          new WalChangeSource(capture.connections(), impatient(capture))) {
        assertThatThrownBy(second::start)
            .isInstanceOf(CaptureException.class)
            .hasMessageMatching("(?s).*is in use by .* \\(pid \\d+, user postgres.*, since .*\\).*")
            .hasMessageContaining("pg_terminate_backend");
      }
    }
  }

  @Test
  void slotInUseIsWaitedFor() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      WalChangeSource first = capture.source();
      try (WalChangeSource second = new WalChangeSource(capture.connections(), capture.options())) {
        Thread closer = Thread.ofVirtual().start(first::close);
        second.start();
        assertThat(second.state()).isInstanceOf(State.Streaming.class);
        closer.join();
      }
    }
  }

  @Test
  void roleWithoutReplicationIsTold() throws Exception {
    try (CaptureFixture capture = CaptureFixture.on18(TABLE)) {
      String role = "plain_" + capture.slot;
      capture.execute("CREATE ROLE " + role + " LOGIN");
      Properties user = new Properties();
      user.setProperty("user", role);
      ReplicationConnections connections =
          ReplicationConnections.of(
              capture.database().server().bareJdbcUrl(capture.database().name()), user);
      try (WalChangeSource source = new WalChangeSource(connections, capture.options())) {
        assertThatThrownBy(source::start)
            .isInstanceOf(CaptureException.class)
            .hasMessageContaining("42501")
            .hasMessageContaining("REPLICATION");
      }
      capture.execute("DROP ROLE " + role);
    }
  }

  @Test
  void wrongPasswordAndUnreachableServerAreTold() throws Exception {
    try (EmbeddedServer server =
        EmbeddedServer.builder(PgVersion.V18)
            .hba("host all locked 127.0.0.1/32 scram-sha-256")
            .start()) {
      try (Connection connection = server.connect("postgres");
          Statement statement = connection.createStatement()) {
        statement.execute("CREATE ROLE locked LOGIN REPLICATION PASSWORD 'right'");
      }
      Properties user = new Properties();
      user.setProperty("user", "locked");
      user.setProperty("password", "wrong");
      String url = server.bareJdbcUrl("postgres");
      WalOptions options = WalOptions.of("slot", "freshet");
      try (WalChangeSource source =
          new WalChangeSource(ReplicationConnections.of(url, user), options)) {
        assertThatThrownBy(source::start)
            .isInstanceOf(CaptureException.class)
            .hasMessageContaining("28P01")
            .hasMessageNotContaining("'wrong'");
      }
      server.stop(ShutdownMode.FAST);
      try (WalChangeSource source =
          new WalChangeSource(ReplicationConnections.of(url, user), options)) {
        assertThatThrownBy(source::start)
            .isInstanceOf(CaptureException.class)
            .hasMessageContaining("reachable");
      }
    }
  }

  @Test
  void allWalSendersBusyIsTold() throws Exception {
    try (EmbeddedServer server =
            EmbeddedServer.builder(PgVersion.V18).setting("max_wal_senders", "1").start();
        CaptureFixture capture = new CaptureFixture(server, TABLE)) {
      capture.source();
      try (WalChangeSource second =
          new WalChangeSource(capture.connections(), impatient(capture))) {
        assertThatThrownBy(second::start)
            .isInstanceOf(CaptureException.class)
            .hasMessageContaining("53300")
            .hasMessageContaining("max_wal_senders");
      }
    }
  }
}
