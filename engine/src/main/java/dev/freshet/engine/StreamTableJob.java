package dev.freshet.engine;

import dev.freshet.config.Schedule;
import dev.freshet.engine.catalog.StreamTable;
import dev.freshet.engine.refresh.Maintained;
import dev.freshet.engine.schedule.Scheduler;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream table as the scheduler sees it: its tick refreshes all that it is connected with. */
final class StreamTableJob implements Scheduler.Job {
  private static final Logger LOG = LoggerFactory.getLogger(StreamTableJob.class);

  private final Maintained table;
  private final RefreshService refreshes;
  private final Groups groups;
  private final BooleanSupplier permitted;

  /**
   * @param permitted whether this process may refresh at all: holds the lock, source not failed
   */
  StreamTableJob(
      Maintained table, RefreshService refreshes, Groups groups, BooleanSupplier permitted) {
    this.groups = groups;
    this.table = table;
    this.refreshes = refreshes;
    this.permitted = permitted;
  }

  @Override
  public String name() {
    return table.displayName();
  }

  @Override
  public Schedule schedule() {
    return table.settings().schedule();
  }

  @Override
  public Duration debounce() {
    return table.settings().debounce();
  }

  @Override
  public Set<Integer> relations() {
    return groups.relations(table);
  }

  @Override
  public boolean followsClock() {
    return !groups.followingClock(table).isEmpty();
  }

  @Override
  public boolean hasWork() {
    return table.table().state() != StreamTable.State.PAUSED
        && permitted.getAsBoolean()
        && groups.hasWork(table);
  }

  @Override
  public Scheduler.Result run() {
    try {
      refreshes.tick(table);
      return groups.hasPending(table) ? Scheduler.Result.MORE : Scheduler.Result.DONE;
    } catch (FreshetException e) {
      LOG.warn("{}: {}", table.displayName(), e.getMessage());
      return Scheduler.Result.FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Scheduler.Result.FAILED;
    }
  }
}
