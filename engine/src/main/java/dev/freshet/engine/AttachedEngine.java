package dev.freshet.engine;

import com.zaxxer.hikari.HikariDataSource;
import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.StreamTableConfig;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.Service;
import dev.freshet.engine.refresh.Capture;
import dev.freshet.engine.refresh.GroupRefresher;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.refresh.Refresher;
import dev.freshet.engine.schedule.Scheduler;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine's work on one database, from attaching until it ends or something breaks that only
 * attaching anew can heal. {@link SupervisedEngine} keeps one of these going.
 */
final class AttachedEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttachedEngine.class);
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);
  private static final Duration HOUSEKEEPING_PATIENCE = Duration.ofSeconds(5);
  private static final Duration COMMAND_PATIENCE = Duration.ofSeconds(30);
  private static final Duration RETRY_BROKEN = Duration.ofSeconds(10);

  private final FreshetConfig config;
  private final HikariDataSource connections;
  private final TrackedConnections tracked;
  private final Surroundings surroundings;
  private final ChangeSource source;
  private final CaptureMode.Upkeep upkeep;
  private final RetainedLog retained;
  private final StreamTables tables;
  private final TableAttachment attachment;
  private final Declarations declarations;
  private final RefreshService refreshes;
  private final Groups groups;
  private final CommandHandler handler;
  private final HistoryWriter history;
  private final StatusReader status;
  private final CaptureIntroduction introduction;
  private final SourceWatch watch;
  private final Scheduler scheduler;
  private final ScheduledExecutorService housekeeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("freshet-housekeeping").daemon().factory());
  private final Set<StreamTableConfig> notCreated = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Held for reading while a command runs: none may be under way when the slot is looked at. */
  private final ReentrantReadWriteLock commands = new ReentrantReadWriteLock();

  /** What an attached engine needs of the process that it lives in. */
  interface Surroundings {
    /** Whether this process is the engine of its database, as far as it knows. */
    boolean holdsLock();

    /** When this process came to be an engine. */
    Instant startedAt();

    Service service();

    /** The change stream has ended for good: see {@link AttachedEngine#failure}. */
    void failed();
  }

  AttachedEngine(
      FreshetConfig config,
      HikariDataSource connections,
      TrackedConnections tracked,
      Catalog catalog,
      Surroundings surroundings,
      CaptureMode mode,
      TableLifecycle lifecycle,
      Refresher refresher,
      GroupRefresher groupRefresher) {
    this.config = config;
    this.connections = connections;
    this.tracked = tracked;
    this.surroundings = surroundings;
    this.source = mode.source();
    this.upkeep = mode.upkeep(lifecycle.frontiers()::allAreStored);
    this.retained = new RetainedLog(mode, config.cdc(), lifecycle);
    this.tables = lifecycle.tables();
    this.attachment = lifecycle.attachment();
    this.declarations = lifecycle.declarations();
    this.introduction = new CaptureIntroduction(connections, catalog);
    this.watch = new SourceWatch(connections, tables);
    this.scheduler = new Scheduler(config.engine().refreshWorkers());
    this.refreshes =
        new RefreshService(refresher, groupRefresher, tables, connections, lifecycle.recovery());
    this.groups = new Groups(tables);
    this.history = new HistoryWriter(connections, catalog, tables, config.engine().historySize());
    this.status =
        new StatusReader(
            config,
            connections,
            mode,
            retained,
            tables,
            surroundings::service,
            surroundings.startedAt());
    this.handler =
        new CommandHandler(lifecycle, refreshes, status, this::schedule, scheduler::remove);
    refreshes.addListener(history);
  }

  /**
   * Registers the stream tables and begins to stream.
   *
   * @param invalidated stream tables for which the log may have lost changes
   * @return how many of them are refilled
   */
  int attach(Set<Long> invalidated) throws SQLException {
    int refilled;
    try {
      refilled = attachment.load(invalidated);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(
          FreshetException.Kind.TIMEOUT, "interrupted while attaching", "start again", e);
    }
    source.addListener(new SourceListener());
    source.start();
    housekeeping.scheduleWithFixedDelay(
        this::keepHouse, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS);
    return refilled;
  }

  private final class SourceListener implements ChangeSource.Listener {
    @Override
    public void committed(Set<Integer> relations, Lsn commit) {
      scheduler.committed(relations);
    }

    @Override
    public void relationDescribed(int relation, boolean changed) {
      if (changed) {
        tables.suspect(relation);
      }
    }

    @Override
    public void stateChanged(ChangeSource.State state) {
      switch (state) {
        case ChangeSource.State.Streaming _ -> {
          upkeep.connected();
          scheduler.wakeAll();
        }
        case ChangeSource.State.Reconnecting(var cause, var attempt) ->
            LOG.debug("change stream interrupted, attempt {}: {}", attempt, cause);
        case ChangeSource.State.Failed _ -> surroundings.failed();
        case ChangeSource.State.Stopped _ -> LOG.debug("change stream stopped");
      }
    }
  }

  /** Begins the schedules, and creates stream tables that the configuration names. */
  void start() {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("the engine is started already");
    }
    createConfigured();
    tables.maintained().forEach(this::schedule);
    housekeeping.scheduleWithFixedDelay(
        this::retryBroken, RETRY_BROKEN.toMillis(), RETRY_BROKEN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Creates the stream tables of the configuration file that do not exist yet. They may read each
   * other in any order, so those that fail are tried again as long as others come.
   */
  private void createConfigured() {
    List<StreamTableConfig> missing = new ArrayList<>();
    for (StreamTableConfig wanted : config.streamTables()) {
      var existing = tables.find(Names.of(wanted.name()));
      if (!tables.knows(Names.of(wanted.name()))) {
        missing.add(wanted);
      } else if (existing.isPresent()
          && !existing.get().table().query().strip().equals(wanted.query().strip())) {
        LOG.warn(
            "{} in the configuration has another query than the stream table; freshet apply"
                + " changes it",
            wanted.name());
      }
    }
    Map<StreamTableConfig, FreshetException> failures = new LinkedHashMap<>();
    int before;
    do {
      before = missing.size();
      failures.clear();
      missing.removeIf(wanted -> attempt(wanted, failures));
    } while (missing.size() < before && !missing.isEmpty());
    failures.forEach(this::remember);
  }

  /** One that cannot be created does not keep the others from being served; it is tried again. */
  private void remember(StreamTableConfig wanted, FreshetException failure) {
    if (notCreated.add(wanted)) {
      LOG.error(
          "cannot create {} of the configuration, it is tried again: {}",
          wanted.name(),
          failure.getMessage());
    }
  }

  private boolean attempt(
      StreamTableConfig wanted, Map<StreamTableConfig, FreshetException> failures) {
    try {
      handler.execute(
          new Command.Create(
              wanted.name().toString(), wanted.query(), wanted.overrides().toMap(), true));
      notCreated.remove(wanted);
      declarations.remember(Names.of(wanted.name()), wanted.file());
      return true;
    } catch (SQLException e) {
      LOG.debug("cannot store that {} came from a file: {}", wanted.name(), e.getMessage());
      return true;
    } catch (FreshetException e) {
      failures.put(wanted, e);
      return false;
    }
  }

  private void schedule(Maintained table) {
    if (started.get() && table.table().state() != StreamTable.State.PAUSED) {
      scheduler.add(
          table.table().name(),
          new StreamTableJob(
              table,
              refreshes,
              groups,
              () -> surroundings.holdsLock() && tables.isMaintained(table)));
    }
  }

  private void keepHouse() {
    try {
      history.flush();
      if (surroundings.holdsLock()) {
        retained.tick();
        upkeep.tick();
        if (watch.look() || groups.anyIsBehind()) {
          scheduler.wakeAll();
        }
      }
    } catch (SQLException e) {
      LOG.debug("housekeeping is tried again: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("housekeeping failed", e);
    }
  }

  private void retryBroken() {
    try {
      for (Maintained back : attachment.retryBroken()) {
        LOG.info("{} can be refreshed again", back.displayName());
        schedule(back);
      }
      List.copyOf(notCreated).forEach(wanted -> attempt(wanted, new LinkedHashMap<>()));
    } catch (SQLException | FreshetException e) {
      LOG.debug("broken stream tables are tried again: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("cannot look after broken stream tables", e);
    }
  }

  /**
   * Moves every frontier that can be moved to a snapshot taken now, and gives it to another
   * capture.
   *
   * @return how many frontiers that capture has now
   */
  int handOverTo(Capture next) throws SQLException, InterruptedException {
    return new FrontierTransfer(connections, tables, refreshes).to(next);
  }

  /**
   * @return empty if this engine has ended: another one is to be asked
   * @throws FreshetException if the command fails; never returns {@link Reply.Failed}
   */
  Optional<Reply> execute(Command command) {
    commands.readLock().lock();
    try {
      return closed.get() ? Optional.empty() : Optional.of(handler.execute(command));
    } finally {
      commands.readLock().unlock();
    }
  }

  /** How changes are captured; never {@code AUTO}. */
  CdcMode mode() {
    return config.cdc().mode();
  }

  /** Installs another way of capturing beside the one in use; refreshes go on meanwhile. */
  void introduce(FreshetConfig next) throws SQLException, InterruptedException {
    introduction.install(next, tables.maintained());
  }

  /**
   * Ends after the refreshes and commands under way.
   *
   * @param patience with the commands
   * @return false if one took longer: then this engine goes on
   */
  boolean retire(Duration patience) throws InterruptedException {
    if (!commands.writeLock().tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    try {
      close();
      return true;
    } finally {
      commands.writeLock().unlock();
    }
  }

  EngineStatus status() {
    return status.read();
  }

  /** How many there are, broken ones included. */
  int streamTables() {
    return tables.maintained().size() + tables.broken().size();
  }

  void addListener(EngineListener listener) {
    refreshes.addListener(listener);
  }

  boolean healthy() {
    return surroundings.holdsLock()
        && source.state() instanceof ChangeSource.State.Streaming
        && tables.broken().isEmpty()
        && notCreated.isEmpty()
        && tables.maintained().stream()
            .noneMatch(table -> table.table().state() == StreamTable.State.FAILED);
  }

  /** Why the change stream has ended for good, if so: slot gone, another timeline, … */
  Optional<ChangeSource.State.Failed> failure() {
    return source.state() instanceof ChangeSource.State.Failed failed
        ? Optional.of(failed)
        : Optional.empty();
  }

  /** Breaks what is under way; it is rolled back and done again. */
  void interrupt() {
    tracked.breakAll();
  }

  /**
   * Ends at once, without a word to the server: what is under way is rolled back. For an engine
   * whose frontiers or whose right to refresh are in doubt.
   */
  void abandon() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    housekeeping.shutdownNow();
    tracked.breakAll();
    connections.close();
    scheduler.close();
    source.close();
    try {
      if (!commands.writeLock().tryLock(COMMAND_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("a command is still under way on connections that are broken");
      } else {
        commands.writeLock().unlock();
      }
      if (!housekeeping.awaitTermination(HOUSEKEEPING_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("housekeeping did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    scheduler.close();
    housekeeping.shutdown();
    try {
      if (!housekeeping.awaitTermination(HOUSEKEEPING_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.debug("housekeeping did not end in time");
      }
      history.flush();
      upkeep.finish();
    } catch (SQLException e) {
      LOG.debug("closing: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    source.close();
    connections.close();
  }
}
