package dev.freshet.engine;

import dev.freshet.config.DatabaseConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.catalog.Epoch;
import dev.freshet.engine.control.Presence;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The advisory lock that makes a process the engine of its database, on a session of its own.
 *
 * <p>The session asks the server something twice a second. That tells this process within {@link
 * #ANSWER} that its lock may be gone, and tells those who stand by, who see it in {@code
 * pg_stat_activity}, that this process is alive. One that is silent for longer than they bear is
 * ended by them. What keeps two engines from refreshing at once meanwhile is the {@link Epoch}.
 */
final class EngineLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineLock.class);
  private static final long POLL_MILLIS = 500;

  /** A predecessor that was killed leaves its lock as soon as the server notices. */
  private static final Duration LOCK_PATIENCE = Duration.ofSeconds(1);

  /** How long the server may take to answer; then the connection counts as dead. */
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** The server, too, is to notice within seconds that this machine is gone. */
  private static final String KEEPALIVES =
      "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
          + " SET tcp_user_timeout = 10000";

  /** Whether this process is the engine. */
  sealed interface Claim {
    /** It is, in this epoch. */
    record Held(long epoch) implements Claim {}

    /** It was in this epoch, but its session broke; who is the engine now is not known. */
    record Lost(long epoch, String cause) implements Claim {}

    /** It is not. */
    record Taken(String by) implements Claim {}
  }

  /** What is done on the session while it holds the lock, between two looks. */
  interface Duty {
    /** The session is new. */
    void begin(Connection session) throws SQLException;

    /** Returns within half a second. */
    void perform(Connection session) throws SQLException;

    /** The lock may be gone: stop at once what only its holder may do. */
    void lost();
  }

  private final DatabaseConfig database;
  private final Duration bearable;
  private @Nullable Connection session;
  private volatile Claim claim = new Claim.Taken("nobody asked yet");
  private volatile boolean closed;
  private volatile @Nullable Thread keeper;

  // Of the keeping thread: what it has told the session that it has.
  private boolean begun;
  private boolean announced;

  /**
   * @param bearable how long an engine may be silent before it is ended, if this one stands by
   */
  EngineLock(DatabaseConfig database, Duration bearable) {
    this.database = database;
    this.bearable = bearable;
  }

  Claim claim() {
    return claim;
  }

  /** Who has it instead, as a sentence. */
  String takenBy() {
    return "another Freshet engine serves database %s%s"
        .formatted(database.name(), claim instanceof Claim.Taken(String by) ? ": " + by : "");
  }

  boolean holds(long epoch) {
    return claim instanceof Claim.Held(long held) && held == epoch;
  }

  /** Tries to become the engine, for a second. */
  Claim take() {
    long deadline = System.nanoTime() + LOCK_PATIENCE.toNanos();
    try {
      Connection open = connected();
      while (!tryTake(open) && System.nanoTime() < deadline) {
        TimeUnit.MILLISECONDS.sleep(50);
      }
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "take the engine's lock");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return claim;
  }

  private Connection connected() throws SQLException {
    Connection open = session;
    if (open == null || open.isClosed()) {
      Properties properties = database.driverProperties();
      properties.setProperty("socketTimeout", Long.toString(ANSWER.toSeconds()));
      open = Connections.open(database, properties);
      session = open;
      try (Statement statement = open.createStatement()) {
        statement.execute(KEEPALIVES);
      }
      requirePrimary(open);
    }
    return open;
  }

  private void requirePrimary(Connection open) throws SQLException {
    try (Statement statement = open.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_is_in_recovery()")) {
      row.next();
      if (row.getBoolean(1)) {
        discard();
        throw FreshetException.of(
            Kind.SERVER_NOT_READY,
            "the server at %s is a standby (in recovery)".formatted(database.address()),
            "name the primary, or all servers (database.host: a,b): the primary among them is"
                + " taken");
      }
    }
  }

  /** One attempt; the claim tells how it ended. */
  private boolean tryTake(Connection open) throws SQLException {
    if (!Presence.tryServe(open)) {
      claim =
          new Claim.Taken(
              Presence.engine(open)
                  .map(Presence.Session::description)
                  .orElse("a session that ended just now"));
      return false;
    }
    if (!CatalogSchema.isInstalled(open)) {
      claim = new Claim.Held(0);
      return true;
    }
    CatalogSchema.upgrade(open);
    boolean mine = claim instanceof Claim.Lost(long epoch, _) && epoch == Epoch.current(open);
    claim = new Claim.Held(mine ? Epoch.current(open) : Epoch.next(open));
    return true;
  }

  /**
   * Begins to keep the lock or, where it is taken, to wait for it.
   *
   * @param duty of the engine
   * @param changed is run when the claim has changed
   */
  void keep(Duty duty, Runnable changed) {
    keeper =
        Thread.ofPlatform()
            .name("freshet-lock")
            .daemon()
            .start(
                () -> {
                  while (!closed) {
                    Claim before = claim;
                    look(duty);
                    if (!claim.equals(before)) {
                      changed.run();
                    }
                  }
                });
  }

  private void look(Duty duty) {
    try {
      Connection open = connected();
      if (claim instanceof Claim.Held) {
        if (!begun) {
          duty.begin(open);
          begun = true;
        }
        duty.perform(open);
        return;
      }
      begun = false;
      boolean standingBy = claim instanceof Claim.Taken;
      if (!tryTake(open)) {
        standBy(open, standingBy);
      } else if (standingBy) {
        Presence.leaveStandby(open);
      }
    } catch (SQLException | RuntimeException e) {
      if (!closed) {
        broken(String.valueOf(e.getMessage()), duty);
      }
    }
  }

  private void standBy(Connection open, boolean standingBy) throws SQLException {
    if (!standingBy || !announced) {
      Presence.standBy(open);
      announced = true;
    }
    Optional<Presence.Session> engine = Presence.engine(open);
    if (engine.isPresent() && engine.get().silent().compareTo(bearable) > 0) {
      LOG.warn(
          "the engine {} has been silent for {} s: ending its session",
          engine.get().description(),
          engine.get().silent().toSeconds());
      Presence.end(open, engine.get());
      return;
    }
    pause();
  }

  private void broken(String cause, Duty duty) {
    begun = false;
    announced = false;
    discard();
    switch (claim) {
      case Claim.Held(long epoch) -> {
        claim = new Claim.Lost(epoch, cause);
        LOG.warn("lost the engine's lock, nothing is refreshed until it is held again: {}", cause);
        duty.lost();
      }
      case Claim.Lost(long epoch, _) -> {
        claim = new Claim.Lost(epoch, cause);
        pause();
      }
      case Claim.Taken _ -> {
        LOG.debug("cannot ask for the engine's lock: {}", cause);
        pause();
      }
    }
  }

  private void discard() {
    Connection open = session;
    session = null;
    if (open != null) {
      try {
        open.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("closing the session of the lock: {}", e.getMessage());
      }
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
    claim = new Claim.Taken("nobody: this engine is closed");
    Thread keeping = keeper;
    if (keeping != null) {
      keeping.interrupt();
      try {
        keeping.join(ANSWER);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    Connection open = session;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        LOG.debug("closing the session of the lock: {}", e.getMessage());
      }
    }
  }
}
