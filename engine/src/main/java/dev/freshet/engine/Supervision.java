package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.engine.EngineLock.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes an engine from one state to the next, on a thread of its own.
 *
 * <pre>
 *              lock taken                 attached
 * StandingBy ─────────────► Attaching ─────────────► Serving
 *     ▲                      ▲     │                   │ change stream failed for good,
 *     │                 time │     │ cannot            │ or another capture is wanted
 *     │                      │     ▼                   │
 *     └──── lock taken ──── Waiting ◄──── Attaching ◄──┘
 *           by another
 * </pre>
 */
final class Supervision implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Supervision.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

  /** With commands under way, when another capture is wanted. */
  private static final Duration COMMANDS_PATIENCE = Duration.ofSeconds(10);

  /** Attaches, and changes the state to serving. */
  @FunctionalInterface
  interface Attaching {
    /**
     * @param cause what had to be healed; empty if nothing
     * @throws FreshetException if it cannot be done now
     */
    void attach(long epoch, Optional<String> cause);
  }

  private final String database;
  private final EngineLock lock;
  private final CurrentState current;
  private final Incidents incidents;
  private final CaptureSwitch captures;
  private final Attaching attaching;

  Supervision(
      String database,
      EngineLock lock,
      CurrentState current,
      Incidents incidents,
      CaptureSwitch captures,
      Attaching attaching) {
    this.database = database;
    this.lock = lock;
    this.current = current;
    this.incidents = incidents;
    this.captures = captures;
    this.attaching = attaching;
  }

  @Override
  public void run() {
    while (!current.isClosed()) {
      try {
        step();
      } catch (RuntimeException e) {
        LOG.error("the supervision of the engine failed, it goes on", e);
        await(lock.claim(), LONGEST_PAUSE);
      }
    }
  }

  private void step() {
    Claim claim = lock.claim();
    switch (current.get()) {
      case EngineState.StandingBy _ -> {
        if (claim instanceof Claim.Held(long epoch)) {
          LOG.info("taking over database {}", database);
          current.change(
              new EngineState.Attaching(
                  Instant.now(), epoch, "the engine before it ended; this one took over"));
        } else {
          await(claim, LONGEST_PAUSE);
        }
      }
      case EngineState.Attaching(_, long epoch, String cause, boolean healing) -> {
        if (!yielded(claim, epoch)) {
          attachOrWait(claim, epoch, healing ? Optional.of(cause) : Optional.empty(), 1);
        }
      }
      case EngineState.Waiting waiting -> {
        if (!yielded(claim, waiting.epoch())) {
          Duration left = Duration.between(Instant.now(), waiting.next());
          if (left.isPositive()) {
            await(claim, left);
          } else {
            attachOrWait(
                claim, waiting.epoch(), Optional.of(waiting.cause()), waiting.attempt() + 1);
          }
        }
      }
      case EngineState.Serving serving -> serve(claim, serving);
      case EngineState.Closed _ -> {}
    }
  }

  private void serve(Claim claim, EngineState.Serving serving) {
    AttachedEngine engine = serving.engine();
    Optional<ChangeSource.State.Failed> failed = engine.failure();
    Optional<String> wanted = captures.wanted();
    if (yielded(claim, serving.epoch())) {
      engine.abandon();
    } else if (failed.isPresent()) {
      reattach(serving.epoch(), engine, failed.get());
    } else if (claim instanceof Claim.Held && wanted.isPresent()) {
      exchange(serving, wanted.get());
    } else {
      if (claim instanceof Claim.Held) {
        captures.look(engine);
      }
      await(claim, LONGEST_PAUSE);
    }
  }

  /** Lets go of an engine that is in order, for another one that captures changes otherwise. */
  private void exchange(EngineState.Serving serving, String cause) {
    current.change(new EngineState.Attaching(Instant.now(), serving.epoch(), cause, false));
    boolean retired = false;
    try {
      retired = serving.engine().retire(COMMANDS_PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!retired && !current.change(serving)) {
      serving.engine().close();
    }
    captures.taken();
  }

  /** Whether another engine has taken over, be it that it has gone again since. */
  private boolean yielded(Claim claim, long epoch) {
    return switch (claim) {
      case Claim.Held(long now) when now == epoch -> false;
      case Claim.Lost _ -> false;
      case Claim.Held(long now) -> {
        LOG.warn("another engine served database {} meanwhile", database);
        current.change(
            new EngineState.Attaching(Instant.now(), now, "another engine served meanwhile"));
        yield true;
      }
      case Claim.Taken _ -> {
        if (!current.isClosed()) {
          LOG.warn("standing by: {}", lock.takenBy());
          current.change(new EngineState.StandingBy(Instant.now(), lock.takenBy()));
        }
        yield true;
      }
    };
  }

  private void reattach(long epoch, AttachedEngine engine, ChangeSource.State.Failed failed) {
    LOG.warn("attaching again: {}", failed.cause());
    current.change(new EngineState.Attaching(Instant.now(), epoch, failed.cause()));
    engine.abandon();
    Instant now = Instant.now();
    Duration pause = incidents.pause(now);
    if (pause.isPositive()) {
      wait(
          new EngineState.Waiting(
              now,
              epoch,
              "%s. The slot was lost %d times within %d minutes, it is not made again at once"
                  .formatted(
                      failed.cause(), incidents.recentLosses(now), LossPacing.WINDOW.toMinutes()),
              "see who drops it, and the server's max_slot_wal_keep_size",
              now.plus(pause),
              0));
    }
  }

  /** Nothing is touched before it is known that the lock is still ours. */
  private void attachOrWait(Claim claim, long epoch, Optional<String> cause, int attempt) {
    if (claim instanceof Claim.Lost) {
      await(claim, LONGEST_PAUSE);
      return;
    }
    try {
      attaching.attach(epoch, cause);
    } catch (FreshetException e) {
      Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(attempt - 1, 10));
      wait(
          new EngineState.Waiting(
              Instant.now(),
              epoch,
              String.valueOf(e.getMessage()),
              e.remedy(),
              Instant.now().plus(pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause),
              attempt));
    }
  }

  /** Says it once, not at each attempt. */
  private void wait(EngineState.Waiting next) {
    if (current.get() instanceof EngineState.Waiting before
        && before.cause().equals(next.cause())) {
      current.change(
          new EngineState.Waiting(
              before.since(),
              next.epoch(),
              next.cause(),
              next.remedy(),
              next.next(),
              next.attempt()));
    } else if (current.change(next)) {
      LOG.error("cannot serve, and tries again: {}; to do: {}", next.cause(), next.remedy());
    }
  }

  /**
   * @param seen the claim that was looked at: if it is another one by now, there is nothing to wait
   *     for
   */
  private void await(Claim seen, Duration longest) {
    current.await(
        () ->
            lock.claim().equals(seen)
                && !isExchangeDue(seen)
                && !(current.get() instanceof EngineState.Serving(_, _, AttachedEngine engine)
                    && engine.failure().isPresent()),
        longest);
  }

  private boolean isExchangeDue(Claim claim) {
    return claim instanceof Claim.Held
        && current.get() instanceof EngineState.Serving
        && captures.wanted().isPresent();
  }
}
