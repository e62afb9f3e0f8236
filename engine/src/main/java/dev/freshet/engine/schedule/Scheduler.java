package dev.freshet.engine.schedule;

import dev.freshet.config.Schedule;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs jobs by their schedules: one timer thread decides, a bounded pool works.
 *
 * <p>A job is queued at most once and never runs twice at the same time; what arrives while it runs
 * makes it run again. A tick that finds nothing to do costs a check in memory and no statement.
 */
public final class Scheduler implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  /** What a job tells after it ran. */
  public enum Result {
    DONE,
    /** More is waiting that this run could not see. */
    MORE,
    FAILED
  }

  /** Something that a schedule runs. */
  public interface Job {
    String name();

    Schedule schedule();

    /** How long a continuous job gathers changes before it runs. */
    Duration debounce();

    /** Relations whose commits wake a continuous job. */
    Set<Integer> relations();

    /** Whether there may be work that no commit announces, because time passed. */
    boolean followsClock();

    /** Whether a run would do anything; asked on the timer thread, must not block. */
    boolean hasWork();

    Result run();
  }

  /** How soon a continuous job looks again for what the last snapshot could not see. */
  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  /** How often a continuous job that follows the clock runs without being woken, at most. */
  private static final Duration CLOCK_PERIOD = Duration.ofSeconds(1);

  private final ScheduledThreadPoolExecutor timer;
  private final ThreadPoolExecutor workers;
  private final Map<Object, Entry> entries = new ConcurrentHashMap<>();

  public Scheduler(int workerCount) {
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("freshet-timer").daemon().factory());
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    workers =
        (ThreadPoolExecutor)
            Executors.newFixedThreadPool(
                workerCount, Thread.ofPlatform().name("freshet-refresh-", 1).daemon().factory());
  }

  /** Schedules {@code job} under {@code key}, replacing what was there. */
  public void add(Object key, Job job) {
    remove(key);
    Entry entry = new Entry(job);
    entries.put(key, entry);
    entry.plan();
    if (job.schedule() instanceof Schedule.Continuous && job.hasWork()) {
      entry.queueAfter(Duration.ZERO);
    }
  }

  public void remove(Object key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      entry.removed.set(true);
    }
  }

  /** Wakes the continuous jobs that read one of {@code relations}; returns at once. */
  public void committed(Set<Integer> relations) {
    for (Entry entry : entries.values()) {
      if (entry.job.schedule() instanceof Schedule.Continuous
          && intersects(entry.job.relations(), relations)) {
        entry.queueAfter(entry.job.debounce());
      }
    }
  }

  /** Wakes every job that has something to do, whatever its schedule, if it has one of its own. */
  public void wakeAll() {
    for (Entry entry : entries.values()) {
      if (ticks(entry.job.schedule())) {
        entry.queueAfter(Duration.ZERO);
      }
    }
  }

  private static boolean ticks(Schedule schedule) {
    return switch (schedule) {
      case Schedule.Interval _, Schedule.Cron _, Schedule.Continuous _ -> true;
      case Schedule.Manual _, Schedule.Calculated _ -> false;
    };
  }

  private static boolean intersects(Set<Integer> a, Set<Integer> b) {
    for (Integer relation : b) {
      if (a.contains(relation)) {
        return true;
      }
    }
    return false;
  }

  /** Stops; jobs under way are waited for. */
  @Override
  public void close() {
    timer.shutdownNow();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(60, TimeUnit.SECONDS)) {
        LOG.warn("a refresh is still running after 60 s; leaving it to the server to roll back");
        workers.shutdownNow();
      }
    } catch (InterruptedException e) {
      workers.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private final class Entry {
    final Job job;
    final AtomicBoolean removed = new AtomicBoolean();
    private final AtomicBoolean queued = new AtomicBoolean();
    private final AtomicBoolean running = new AtomicBoolean();
    private final AtomicBoolean again = new AtomicBoolean();
    private final Backoff backoff = new Backoff();

    Entry(Job job) {
      this.job = job;
    }

    /** Sets the timer for the next tick. */
    void plan() {
      Optional<Duration> wait =
          switch (job.schedule()) {
            case Schedule.Interval(Duration every) -> Optional.of(every);
            case Schedule.Cron cron -> {
              ZonedDateTime now = ZonedDateTime.now();
              yield cron.nextAfter(now).map(next -> Duration.between(now, next));
            }
            case Schedule.Continuous _ ->
                Optional.of(
                    job.debounce().compareTo(CLOCK_PERIOD) > 0 ? job.debounce() : CLOCK_PERIOD);
            case Schedule.Manual _, Schedule.Calculated _ -> Optional.empty();
          };
      wait.ifPresent(delay -> schedule(this::tick, delay));
    }

    private void tick() {
      if (removed.get()) {
        return;
      }
      plan();
      if (job.schedule() instanceof Schedule.Continuous && !job.followsClock()) {
        return;
      }
      if (!backoff.failing() && job.hasWork()) {
        enqueue();
      }
    }

    /** Continuous: the first change starts the debounce, later ones ride along. */
    void queueAfter(Duration delay) {
      if (!removed.get() && queued.compareAndSet(false, true)) {
        schedule(this::enqueueNow, delay);
      }
    }

    private void enqueue() {
      if (queued.compareAndSet(false, true)) {
        enqueueNow();
      }
    }

    private void enqueueNow() {
      if (!workers.isShutdown()) {
        workers.execute(this::work);
      }
    }

    private void work() {
      queued.set(false);
      if (removed.get()) {
        return;
      }
      if (!running.compareAndSet(false, true)) {
        again.set(true);
        return;
      }
      Result result;
      try {
        result = job.hasWork() ? job.run() : Result.DONE;
      } catch (RuntimeException e) {
        LOG.error("refresh of {} failed", job.name(), e);
        result = Result.FAILED;
      } finally {
        running.set(false);
      }
      boolean rerun = again.getAndSet(false);
      switch (result) {
        case FAILED -> queueAfter(backoff.next());
        case DONE, MORE -> {
          backoff.reset();
          boolean continuous = job.schedule() instanceof Schedule.Continuous;
          if (rerun) {
            queueAfter(job.debounce());
          } else if (result == Result.MORE && continuous) {
            queueAfter(LOOK_AGAIN);
          }
        }
      }
    }

    private void schedule(Runnable task, Duration delay) {
      if (!timer.isShutdown()) {
        timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      }
    }
  }
}
