package dev.freshet.config;

import java.time.Duration;
import java.util.Map;

/**
 * How a stream table is refreshed.
 *
 * @param maxChangeRatio consolidated delta rows ÷ rows of the source above which a refresh is full;
 *     in (0, 1]
 * @param fillfactor of the stream table's heap, percent
 * @param debounce of the schedule {@code continuous}: how long changes are gathered
 * @param lockTimeout how long one attempt waits for a lock
 * @param statementTimeout of each statement of a refresh; zero: none
 * @param copyThreshold delta rows from which they are sent by COPY instead of array parameters
 */
public record RefreshSettings(
    Schedule schedule,
    RefreshMode mode,
    double maxChangeRatio,
    CostModel cost,
    FullMethod full,
    CommitMode commit,
    int fillfactor,
    Duration debounce,
    Duration lockTimeout,
    Duration statementTimeout,
    long copyThreshold) {

  public RefreshSettings {
    Settings.REFRESH_SCHEDULE.require(schedule);
    Settings.REFRESH_MAX_CHANGE_RATIO.require(maxChangeRatio);
    Settings.REFRESH_FILLFACTOR.require(fillfactor);
    Settings.REFRESH_DEBOUNCE.require(debounce);
    Settings.REFRESH_LOCK_TIMEOUT.require(lockTimeout);
    Settings.REFRESH_STATEMENT_TIMEOUT.require(statementTimeout);
    Settings.REFRESH_COPY_THRESHOLD.require(copyThreshold);
  }

  public static RefreshSettings defaults() {
    return of(Values.none());
  }

  static RefreshSettings of(Values values) {
    return new RefreshSettings(
        values.get(Settings.REFRESH_SCHEDULE),
        values.get(Settings.REFRESH_MODE),
        values.get(Settings.REFRESH_MAX_CHANGE_RATIO),
        values.get(Settings.REFRESH_COST),
        values.get(Settings.REFRESH_FULL),
        values.get(Settings.REFRESH_COMMIT),
        values.get(Settings.REFRESH_FILLFACTOR),
        values.get(Settings.REFRESH_DEBOUNCE),
        values.get(Settings.REFRESH_LOCK_TIMEOUT),
        values.get(Settings.REFRESH_STATEMENT_TIMEOUT),
        values.get(Settings.REFRESH_COPY_THRESHOLD));
  }

  Values values() {
    return Values.none()
        .with(Settings.REFRESH_SCHEDULE, schedule)
        .with(Settings.REFRESH_MODE, mode)
        .with(Settings.REFRESH_MAX_CHANGE_RATIO, maxChangeRatio)
        .with(Settings.REFRESH_COST, cost)
        .with(Settings.REFRESH_FULL, full)
        .with(Settings.REFRESH_COMMIT, commit)
        .with(Settings.REFRESH_FILLFACTOR, fillfactor)
        .with(Settings.REFRESH_DEBOUNCE, debounce)
        .with(Settings.REFRESH_LOCK_TIMEOUT, lockTimeout)
        .with(Settings.REFRESH_STATEMENT_TIMEOUT, statementTimeout)
        .with(Settings.REFRESH_COPY_THRESHOLD, copyThreshold);
  }

  /** Every setting as text, keyed without {@code refresh.}: {@code max-change-ratio → 0.15}. */
  public Map<String, String> toMap() {
    return RefreshOverrides.of(this).toMap();
  }
}
