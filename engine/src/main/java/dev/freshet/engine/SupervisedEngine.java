package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.EngineFactory.Attachment;
import dev.freshet.engine.EngineLock.Claim;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.CommandQueue;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.Service;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an {@link AttachedEngine} going as long as this process is the engine of its database.
 *
 * <p>Whatever ends the change stream for good (slot dropped, invalidated, recreated; another
 * timeline, another server) is healed in one way: the engine is abandoned, and another attaches, as
 * after a restart of the process: {@link SlotGuard} looks at slot, server and catalog, and decides
 * what is refilled. The stream tables keep their last content meanwhile. What cannot be healed from
 * here (no free slot, a privilege revoked, {@code wal_level}) is tried again until it can.
 */
final class SupervisedEngine implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedEngine.class);
  private static final Duration ATTACHING_PATIENCE = Duration.ofSeconds(60);
  private static final long PING_MILLIS = 500;

  /** Attaches an engine. */
  @FunctionalInterface
  interface Attacher {
    /**
     * @throws FreshetException if it cannot be done now
     */
    Attachment attach(
        long epoch, AttachedEngine.Surroundings surroundings, TrackedConnections tracked);
  }

  private final FreshetConfig config;
  private final Attacher attacher;
  private final EngineLock lock;
  private final CommandServer commands;
  private final Catalog catalog = new Catalog(Json.mapper());
  private final Incidents incidents;
  private final List<EngineListener> listeners = new CopyOnWriteArrayList<>();
  private final Instant startedAt = Instant.now();

  private final CurrentState current;
  private final CaptureSwitch captures;
  private volatile int reattachments;
  private volatile boolean started;
  private volatile String pooler = "";
  private volatile @Nullable TrackedConnections attaching;
  private @Nullable Thread supervisor;

  private SupervisedEngine(
      FreshetConfig config, Attacher attacher, EngineLock lock, EngineState state) {
    this.config = config;
    this.incidents = new Incidents(config, catalog);
    this.attacher = attacher;
    this.lock = lock;
    this.current = new CurrentState(state);
    this.captures = new CaptureSwitch(config, current);
    this.commands =
        new CommandServer(
            new CommandQueue(Json.mapper()),
            () -> Connections.open(config.database()),
            this::reply);
  }

  /**
   * Attaches before it returns.
   *
   * @throws FreshetException BUSY if another engine serves the database, or why it cannot attach
   */
  static Engine open(FreshetConfig config, Attacher attacher) {
    EngineLock lock = lockOf(config);
    boolean done = false;
    try {
      if (!(lock.take() instanceof Claim.Held(long epoch))) {
        throw FreshetException.of(
            Kind.BUSY,
            lock.takenBy(),
            "stop it first; commands like create and refresh reach it by themselves");
      }
      SupervisedEngine engine =
          new SupervisedEngine(
              config, attacher, lock, new EngineState.Attaching(Instant.now(), epoch, "starting"));
      engine.attach(epoch, Optional.empty());
      engine.supervise();
      done = true;
      return engine;
    } finally {
      if (!done) {
        lock.close();
      }
    }
  }

  /** Returns at once, and attaches when no other engine serves the database. */
  static Engine standBy(FreshetConfig config, Attacher attacher) {
    EngineLock lock = lockOf(config);
    if (lock.take() instanceof Claim.Held) {
      lock.close();
      return open(config, attacher);
    }
    LOG.info("standing by: {}", lock.takenBy());
    SupervisedEngine engine =
        new SupervisedEngine(
            config, attacher, lock, new EngineState.StandingBy(Instant.now(), lock.takenBy()));
    engine.supervise();
    return engine;
  }

  private static EngineLock lockOf(FreshetConfig config) {
    Route.requireSessions(config);
    return new EngineLock(config.database().forSessions(), config.engine().takeoverAfter());
  }

  private void supervise() {
    lock.keep(
        new EngineLock.Duty() {
          @Override
          public void begin(Connection session) throws SQLException {
            commands.listen(session);
          }

          @Override
          public void perform(Connection session) throws SQLException {
            if (started) {
              commands.poll(session);
            } else {
              ping(session);
            }
          }

          @Override
          public void lost() {
            if (current.get() instanceof EngineState.Serving(_, _, AttachedEngine engine)) {
              engine.interrupt();
            }
          }
        },
        current::wake);
    supervisor =
        Thread.ofPlatform()
            .name("freshet-supervisor")
            .daemon()
            .start(
                new Supervision(
                    config.database().name(), lock, current, incidents, captures, this::attach));
  }

  private static void ping(Connection session) throws SQLException {
    try (Statement statement = session.createStatement()) {
      statement.execute("SELECT 1");
    }
    try {
      TimeUnit.MILLISECONDS.sleep(PING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @param cause what had to be healed; empty if it starts, or goes on otherwise
   */
  private void attach(long epoch, Optional<String> cause) {
    TrackedConnections tracked = new TrackedConnections();
    attaching = tracked;
    Attachment attached =
        attacher.attach(
            epoch,
            new AttachedEngine.Surroundings() {
              @Override
              public boolean holdsLock() {
                return lock.holds(epoch);
              }

              @Override
              public Instant startedAt() {
                return startedAt;
              }

              @Override
              public Service service() {
                return SupervisedEngine.this.service();
              }

              @Override
              public void failed() {
                current.wake();
              }
            },
            tracked);
    attaching = null;
    attached.decision().ifPresent(captures::attached);
    listeners.forEach(attached.engine()::addListener);
    pooler = attached.route().told();
    incidents.report(cause, attached);
    if (cause.isPresent()) {
      reattachments++;
    }
    if (!current.change(new EngineState.Serving(Instant.now(), epoch, attached.engine()))) {
      attached.engine().close();
    } else if (started) {
      begin(attached.engine());
    }
  }

  private void begin(AttachedEngine engine) {
    engine.start();
    listeners.forEach(EngineListener::serving);
  }

  @Override
  public void start() {
    if (started) {
      throw new IllegalStateException("the engine is started already");
    }
    started = true;
    if (current.get() instanceof EngineState.Serving(_, _, AttachedEngine engine)) {
      begin(engine);
    }
  }

  private Reply reply(Command command) {
    try {
      return execute(command);
    } catch (FreshetException e) {
      return Reply.Failed.of(e);
    } catch (RuntimeException e) {
      LOG.error("command {} failed", command, e);
      return Reply.Failed.of(
          FreshetException.of(
              Kind.SERVER_ERROR, "the engine failed: " + e, "its log has the details", e));
    }
  }

  @Override
  public Reply execute(Command command) {
    return switch (command) {
      case Command.Status() -> new Reply.StatusOf(status());
      case Command.SwitchCapture(String mode) -> captures.choose(mode);
      case Command other -> passOn(other);
    };
  }

  private Reply passOn(Command command) {
    while (true) {
      Optional<Reply> reply = serving().execute(command);
      if (reply.isPresent()) {
        return reply.get();
      }
    }
  }

  /** The attached engine, waited for if one is about to attach. */
  private AttachedEngine serving() {
    try {
      return switch (current.settled(ATTACHING_PATIENCE)) {
        case EngineState.Serving(_, _, AttachedEngine engine) -> engine;
        case EngineState.Waiting waiting ->
            throw FreshetException.of(
                Kind.SERVER_NOT_READY,
                "the engine cannot serve: " + waiting.cause(),
                waiting.remedy());
        case EngineState.Attaching(_, _, String cause, _) ->
            throw FreshetException.of(
                Kind.BUSY, "the engine is still attaching: " + cause, "try again a little later");
        case EngineState.StandingBy(_, String engine) ->
            throw FreshetException.of(Kind.BUSY, engine, "ask that one");
        case EngineState.Closed _ ->
            throw FreshetException.of(Kind.BUSY, "the engine is closed", "start it again");
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(Kind.TIMEOUT, "the engine is stopping", "run the command again", e);
    }
  }

  @Override
  public EngineStatus status() {
    if (current.get() instanceof EngineState.Serving(_, _, AttachedEngine engine)) {
      return engine.status().captured(captures.reason());
    }
    return StatusReader.withoutSource(config, catalog, service());
  }

  private Service service() {
    return switch (current.get()) {
      case EngineState.Serving(Instant since, _, _) ->
          lock.claim() instanceof Claim.Lost(_, String cause)
              ? service(Service.WAITING, since, "the engine's lock was lost: " + cause, "")
              : service(Service.SERVING, since, "", "");
      case EngineState.Attaching(Instant since, _, String cause, _) ->
          service(Service.ATTACHING, since, cause, "");
      case EngineState.Waiting waiting ->
          service(Service.WAITING, waiting.since(), waiting.cause(), waiting.remedy());
      case EngineState.StandingBy(Instant since, String engine) ->
          service(Service.STANDING_BY, since, engine, "");
      case EngineState.Closed(Instant since) -> service(Service.NONE, since, "", "");
    };
  }

  private Service service(String name, Instant since, String cause, String remedy) {
    return new Service(
        name, since, cause, remedy, reattachments, incidents.last(), List.of(), pooler);
  }

  @Override
  public void addListener(EngineListener listener) {
    listeners.add(listener);
    if (current.get() instanceof EngineState.Serving(_, _, AttachedEngine engine)) {
      engine.addListener(listener);
    }
  }

  @Override
  public boolean healthy() {
    return current.get() instanceof EngineState.Serving(_, _, AttachedEngine engine)
        && engine.healthy();
  }

  @Override
  public void close() {
    EngineState last = current.close();
    TrackedConnections pending = attaching;
    if (pending != null) {
      pending.breakAll();
    }
    if (last instanceof EngineState.Serving(_, _, AttachedEngine engine)) {
      engine.close();
    }
    join();
    commands.close();
    lock.close();
  }

  private void join() {
    Thread supervising = supervisor;
    if (supervising != null && supervising != Thread.currentThread()) {
      try {
        supervising.join(ATTACHING_PATIENCE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
