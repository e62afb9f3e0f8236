package dev.freshet.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Keeps a slot that is lost again and again from costing a refill of everything each time.
 *
 * <p>The first losses within {@link #WINDOW} are healed at once; each further one after twice the
 * time of the one before, up to {@code LONGEST}.
 */
final class LossPacing {
  static final Duration WINDOW = Duration.ofMinutes(10);
  static final int AT_ONCE = 3;
  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final int REMEMBERED = 32;

  private final Deque<Instant> losses = new ArrayDeque<>();

  void lost(Instant when) {
    losses.addLast(when);
    if (losses.size() > REMEMBERED) {
      losses.removeFirst();
    }
  }

  /** Losses within the window before {@code now}. */
  int recent(Instant now) {
    losses.removeIf(loss -> loss.isBefore(now.minus(WINDOW)));
    return losses.size();
  }

  /** How long to wait before the next loss may be healed. */
  Duration pause(Instant now) {
    int beyond = recent(now) - AT_ONCE;
    if (beyond < 0) {
      return Duration.ZERO;
    }
    Duration pause = FIRST.multipliedBy(1L << Math.min(beyond, 16));
    return pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
  }
}
