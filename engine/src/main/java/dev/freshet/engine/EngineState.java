package dev.freshet.engine;

import java.time.Instant;

/** What the process does: one of these at a time, see {@link SupervisedEngine}. */
sealed interface EngineState {
  Instant since();

  /**
   * Another engine serves.
   *
   * @param engine which one, for people
   */
  record StandingBy(Instant since, String engine) implements EngineState {}

  /**
   * About to serve.
   *
   * @param cause why it has to attach
   * @param healing whether something has happened to the engine before, rather than that it was to
   *     end
   */
  record Attaching(Instant since, long epoch, String cause, boolean healing)
      implements EngineState {
    Attaching(Instant since, long epoch, String cause) {
      this(since, epoch, cause, true);
    }
  }

  record Serving(Instant since, long epoch, AttachedEngine engine) implements EngineState {}

  /**
   * Cannot serve; tried again.
   *
   * @param next when
   * @param attempt how many have failed
   */
  record Waiting(Instant since, long epoch, String cause, String remedy, Instant next, int attempt)
      implements EngineState {}

  record Closed(Instant since) implements EngineState {}
}
