package dev.freshet.engine;

import dev.freshet.cdc.server.Finding;
import dev.freshet.cdc.wal.CaptureException;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.catalog.CaptureChoice;
import dev.freshet.engine.control.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a running engine from one way of capturing changes to another: because an operator says so,
 * or because {@code auto} finds that the log can be read by now.
 *
 * <pre>
 * 1  the other capture is installed beside the one in use; refreshes go on ({@link CaptureIntroduction})
 * 2  the supervisor lets go of the attached engine, after the refreshes and commands under way
 * 3  another one is attached, which the {@link Handover} gives the frontiers to
 * </pre>
 *
 * <p>Step 1 runs on the thread of whoever wants the change; if it fails, nothing has changed.
 */
final class CaptureSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureSwitch.class);

  /** The word for "as the configuration says". */
  static final String CONFIGURED = "configured";

  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /** How long {@code auto} lets things be when it could not change to the log. */
  private static final Duration PAUSE = Duration.ofMinutes(5);

  private final FreshetConfig given;
  private final CurrentState current;
  private final ReentrantLock one = new ReentrantLock();
  private volatile Optional<String> wanted = Optional.empty();
  private volatile Optional<CaptureDecision> decision = Optional.empty();
  private volatile String moved = "";
  private volatile String trouble = "";
  private volatile Instant notBefore = Instant.MIN;

  /**
   * @param given the configuration as it was loaded
   */
  CaptureSwitch(FreshetConfig given, CurrentState current) {
    this.given = given;
    this.current = current;
  }

  /** An engine was attached that captures so. */
  void attached(CaptureDecision now) {
    decision
        .filter(before -> before.config().cdc().mode() != now.config().cdc().mode())
        .ifPresent(
            before ->
                moved =
                    "%s until %s"
                        .formatted(
                            before.config().cdc().mode().text(),
                            Instant.now().truncatedTo(ChronoUnit.SECONDS)));
    decision = Optional.of(now);
    trouble = "";
  }

  /** Why changes are captured as they are, for people; empty if there is nothing to be told. */
  String reason() {
    return Stream.of(decision.map(CaptureDecision::reason).orElse(""), trouble, moved)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("; "));
  }

  /** Taken by the supervisor: why it is to attach another engine; empty if it is not. */
  Optional<String> wanted() {
    return wanted;
  }

  /** The supervisor has begun, or cannot. */
  void taken() {
    wanted = Optional.empty();
    current.wake();
  }

  /**
   * An operator's word: from now on, and at the next starts.
   *
   * @param mode {@code wal}, {@code trigger}, {@code auto} or {@link #CONFIGURED}
   * @throws FreshetException if it cannot be done; then nothing has changed
   */
  Reply choose(String mode) {
    Optional<CdcMode> choice =
        mode.equals(CONFIGURED)
            ? Optional.empty()
            : Optional.of(modeOf(mode)).filter(chosen -> chosen != given.cdc().mode());
    if (!one.tryLock()) {
      throw FreshetException.of(
          Kind.BUSY, "another change of capture is under way", "try again a little later");
    }
    try {
      return choose(choice);
    } finally {
      one.unlock();
    }
  }

  private static CdcMode modeOf(String text) {
    return Arrays.stream(CdcMode.values())
        .filter(mode -> mode.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                FreshetException.of(
                    Kind.BAD_SETTING,
                    "there is no way of capturing '" + text + "'",
                    "wal, trigger, auto, or configured: what cdc.mode says"));
  }

  private Reply choose(Optional<CdcMode> choice) {
    try {
      EngineState before = current.settled(PATIENCE);
      CaptureDecision next;
      Optional<CaptureChoice> earlier;
      try (Connection connection = Connections.open(given.database())) {
        next = CaptureDecision.of(given, connection, choice);
        requireReadable(next);
        if (before instanceof EngineState.Serving(_, _, AttachedEngine engine)) {
          introduce(engine, next.config());
        }
        earlier = CaptureChoice.load(connection);
        store(connection, choice(choice));
      }
      LOG.info("changes are to be captured by {}: {}", text(next), told(next));
      if (!(before instanceof EngineState.Serving(_, _, AttachedEngine engine))) {
        return new Reply.Done(
            "changes are to be captured by %s as soon as the engine can serve, which it cannot now"
                .formatted(text(next)));
      }
      if (!exchange(engine, next)) {
        withdraw(engine.mode());
        try (Connection connection = Connections.open(given.database())) {
          store(connection, earlier);
        }
        throw busy();
      }
      attachedStill(next);
      return new Reply.Done(summary(next, choice));
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "change how changes are captured");
    } catch (CaptureException e) {
      throw FreshetException.of(Kind.SERVER_NOT_READY, e.problem(), e.remedy(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FreshetException.of(Kind.TIMEOUT, "the engine is stopping", "run the command again", e);
    }
  }

  /** The same mode as before, for another reason. */
  private void attachedStill(CaptureDecision next) {
    if (current.get() instanceof EngineState.Serving) {
      decision = Optional.of(next);
    }
  }

  private static String told(CaptureDecision next) {
    return next.reason().isEmpty() ? "cdc.mode says so" : next.reason();
  }

  private static String text(CaptureDecision decision) {
    return decision.config().cdc().mode().text();
  }

  private static void requireReadable(CaptureDecision next) {
    if (next.config().cdc().mode().readsLog() && !next.obstacles().isEmpty()) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "the log cannot be read: " + CaptureDecision.problems(next.obstacles()),
          next.obstacles().stream()
              .map(Finding::remedy)
              .flatMap(List::stream)
              .collect(Collectors.joining("\n")));
    }
  }

  private void introduce(AttachedEngine engine, FreshetConfig next)
      throws SQLException, InterruptedException {
    if (engine.mode().readsLog() == next.cdc().mode().readsLog()) {
      return;
    }
    boolean done = false;
    try {
      engine.introduce(next);
      done = true;
    } finally {
      if (!done) {
        withdraw(engine.mode());
      }
    }
  }

  /** A slot that nobody reads would keep log. */
  private void withdraw(CdcMode used) {
    try (Connection connection = Connections.open(given.database())) {
      Handover.withdraw(given.with(used), connection);
    } catch (SQLException | FreshetException e) {
      LOG.warn("what was installed to capture changes otherwise stays: {}", e.getMessage());
    }
  }

  private Optional<CaptureChoice> choice(Optional<CdcMode> mode) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    return mode.map(chosen -> new CaptureChoice(chosen, given.cdc().mode(), now));
  }

  private static void store(Connection connection, Optional<CaptureChoice> choice)
      throws SQLException {
    if (choice.isPresent()) {
      choice.get().save(connection);
    } else {
      CaptureChoice.forget(connection);
    }
  }

  private static FreshetException busy() {
    return FreshetException.of(
        Kind.BUSY,
        "the engine goes on as before: a command that takes long is under way",
        "try again when it has ended");
  }

  /**
   * Waits until another engine serves.
   *
   * @return false if the one before goes on, because commands do
   */
  private boolean exchange(AttachedEngine engine, CaptureDecision next)
      throws InterruptedException {
    if (engine.mode() == next.config().cdc().mode()) {
      return true;
    }
    Instant letGo = Instant.now();
    wanted = Optional.of("changes are to be captured by " + text(next));
    current.wake();
    EngineState after = current.await(this::isOver, PATIENCE);
    wanted = Optional.empty();
    if (after instanceof EngineState.Serving(_, _, AttachedEngine now) && now == engine) {
      return false;
    }
    if (!(after instanceof EngineState.Serving)) {
      throw FreshetException.of(
          Kind.SERVER_NOT_READY,
          "changes are to be captured by %s, but the engine cannot serve: %s"
              .formatted(
                  text(next),
                  after instanceof EngineState.Waiting waiting
                      ? waiting.cause()
                      : "it is stopping"),
          after instanceof EngineState.Waiting waiting ? waiting.remedy() : "see its log");
    }
    LOG.info(
        "changes are captured by {} now; nothing was refreshed for {} ms",
        text(next),
        Duration.between(letGo, Instant.now()).toMillis());
    return true;
  }

  private boolean isOver(EngineState state) {
    return switch (state) {
      case EngineState.Serving _ -> wanted.isEmpty();
      case EngineState.Attaching _ -> false;
      case EngineState.Waiting _, EngineState.StandingBy _, EngineState.Closed _ -> true;
    };
  }

  private String summary(CaptureDecision next, Optional<CdcMode> choice) {
    String now = "changes are captured by " + text(next) + told(choice.isPresent(), next);
    return choice.isEmpty()
        ? now + ", as the configuration says"
        : now
            + "; this outlives the engine's process, until cdc.mode is changed in the configuration"
            + " or: freshet capture configured";
  }

  private static String told(boolean chosen, CaptureDecision next) {
    return chosen || next.asked() == CdcMode.AUTO ? " (" + next.reason() + ")" : "";
  }

  /**
   * Where {@code auto} has to do with triggers: looks whether the log can be read by now. Returns
   * at once; what follows is done on a thread of its own.
   */
  void look(AttachedEngine engine) {
    boolean waitsForLog =
        engine.mode() == CdcMode.TRIGGER
            && decision.filter(known -> known.asked() == CdcMode.AUTO).isPresent();
    if (waitsForLog && !one.isLocked() && Instant.now().isAfter(notBefore)) {
      Thread.ofVirtual().name("freshet-capture").start(() -> follow(engine));
    }
  }

  private void follow(AttachedEngine engine) {
    if (!one.tryLock()) {
      return;
    }
    try {
      CaptureDecision next = CaptureDecision.of(given);
      if (next.asked() != CdcMode.AUTO || next.config().cdc().mode() != CdcMode.WAL) {
        return;
      }
      LOG.info("the log can be read now: {}", next.reason());
      try {
        introduce(engine, next.config());
        if (!exchange(engine, next)) {
          withdraw(engine.mode());
          throw busy();
        }
      } catch (SQLException e) {
        throw ServerErrors.translate(e, "capture changes from the log");
      } catch (CaptureException e) {
        throw FreshetException.of(Kind.SERVER_NOT_READY, e.problem(), e.remedy(), e);
      }
    } catch (FreshetException e) {
      later(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      one.unlock();
    }
  }

  private void later(FreshetException failure) {
    if (failure.kind() == Kind.CONNECTION) {
      return;
    }
    notBefore = Instant.now().plus(PAUSE);
    trouble = "the log can be read now, but: " + failure.getMessage();
    LOG.warn(
        "{}; triggers are used on, tried again in {} minutes; to do: {}",
        trouble,
        PAUSE.toMinutes(),
        failure.remedy());
  }
}
