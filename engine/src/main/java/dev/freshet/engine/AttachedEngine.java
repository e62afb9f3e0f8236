package dev.freshet.engine;

import com.zaxxer.hikari.HikariDataSource;
import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.Lsn;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.StreamTableConfig;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.Reply;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of one database, from attaching to closing. */
final class AttachedEngine implements Engine {
  private static final Logger LOG = LoggerFactory.getLogger(AttachedEngine.class);
  private static final Duration HOUSEKEEPING = Duration.ofSeconds(1);
  private static final Duration HOUSEKEEPING_PATIENCE = Duration.ofSeconds(5);
  private static final Duration RETRY_BROKEN = Duration.ofSeconds(10);

  private final FreshetConfig config;
  private final HikariDataSource connections;
  private final CommandServer server;
  private final ChangeSource source;
  private final ConfirmationLimit confirmation;
  private final StreamTables tables;
  private final TableAttachment attachment;
  private final Declarations declarations;
  private final RefreshService refreshes;
  private final Groups groups;
  private final CommandHandler handler;
  private final HistoryWriter history;
  private final StatusReader status;
  private final SourceWatch watch;
  private final Scheduler scheduler;
  private final ScheduledExecutorService housekeeping =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("freshet-housekeeping").daemon().factory());
  private final Set<StreamTableConfig> notCreated = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();

  AttachedEngine(
      FreshetConfig config,
      HikariDataSource connections,
      Catalog catalog,
      CommandServer server,
      ChangeSource source,
      ConfirmationLimit confirmation,
      TableLifecycle lifecycle,
      Refresher refresher,
      GroupRefresher groupRefresher) {
    this.config = config;
    this.connections = connections;
    this.server = server;
    this.source = source;
    this.confirmation = confirmation;
    this.tables = lifecycle.tables();
    this.attachment = lifecycle.attachment();
    this.declarations = lifecycle.declarations();
    this.watch = new SourceWatch(connections, tables);
    this.scheduler = new Scheduler(config.engine().refreshWorkers());
    this.refreshes =
        new RefreshService(refresher, groupRefresher, tables, connections, lifecycle.recovery());
    this.groups = new Groups(tables);
    this.history = new HistoryWriter(connections, catalog, tables, config.engine().historySize());
    this.status = new StatusReader(config, connections, source, tables, Instant.now());
    this.handler =
        new CommandHandler(lifecycle, refreshes, status, this::schedule, scheduler::remove);
    refreshes.addListener(history);
  }

  /** Registers the stream tables and begins to stream. */
  void attach() throws SQLException {
    try {
      attachment.load();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(
          FreshetException.Kind.TIMEOUT, "interrupted while attaching", "start again", e);
    }
    source.addListener(new SourceListener());
    source.start();
    housekeeping.scheduleWithFixedDelay(
        this::keepHouse, HOUSEKEEPING.toMillis(), HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS);
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
          confirmation.connected();
          scheduler.wakeAll();
        }
        case ChangeSource.State.Reconnecting(var cause, var attempt) ->
            LOG.warn("change stream interrupted, attempt {}: {}", attempt, cause);
        case ChangeSource.State.Failed(var cause, var remedy) ->
            LOG.error("change stream failed: {}. {}", cause, remedy);
        case ChangeSource.State.Stopped _ -> LOG.debug("change stream stopped");
      }
    }
  }

  @Override
  public void start() {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("the engine is started already");
    }
    createConfigured();
    tables.maintained().forEach(this::schedule);
    housekeeping.scheduleWithFixedDelay(
        this::retryBroken, RETRY_BROKEN.toMillis(), RETRY_BROKEN.toMillis(), TimeUnit.MILLISECONDS);
    server.serve(handler::reply);
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
              table, refreshes, groups, () -> server.holdsLock() && tables.isMaintained(table)));
    }
  }

  private void keepHouse() {
    try {
      history.flush();
      if (server.holdsLock()) {
        confirmation.tick();
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

  @Override
  public Reply execute(Command command) {
    return handler.execute(command);
  }

  @Override
  public EngineStatus status() {
    return status.read();
  }

  @Override
  public void addListener(EngineListener listener) {
    refreshes.addListener(listener);
  }

  @Override
  public boolean healthy() {
    return server.holdsLock()
        && source.state() instanceof ChangeSource.State.Streaming
        && tables.broken().isEmpty()
        && notCreated.isEmpty()
        && tables.maintained().stream()
            .noneMatch(table -> table.table().state() == StreamTable.State.FAILED);
  }

  @Override
  public Optional<String> failure() {
    return source.state() instanceof ChangeSource.State.Failed(var cause, var remedy)
        ? Optional.of(cause + ". " + remedy)
        : Optional.empty();
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
      confirmation.finish();
    } catch (SQLException e) {
      LOG.debug("closing: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    source.close();
    server.close();
    connections.close();
  }
}
