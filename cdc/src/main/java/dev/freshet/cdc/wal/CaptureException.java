package dev.freshet.cdc.wal;

import dev.freshet.cdc.ChangeSource;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** Why changes cannot be captured, and what to do about it. */
public final class CaptureException extends RuntimeException {
  private final String problem;
  private final String remedy;
  private final Kind kind;

  /** What trying again is good for. */
  enum Kind {
    /** A person has to help first. */
    PERMANENT,
    /** The slot holds a change that the server cannot decode: another slot has to be made. */
    SLOT_SPENT,
    /** May heal by itself. */
    TRANSIENT,
    /** Others hold the slot or all senders: after a crash, often a dying one of our own. */
    BUSY
  }

  CaptureException(String problem, String remedy, Kind kind, @Nullable SQLException cause) {
    super(problem + ". " + remedy, cause);
    this.problem = problem;
    this.remedy = remedy;
    this.kind = kind;
  }

  /** What a server's refusal means for capture. */
  public static CaptureException of(SQLException refusal, WalOptions options) {
    return CaptureErrors.explain(refusal, options);
  }

  /** The stream has ended, and may be taken up again. */
  public static CaptureException interrupted(String problem) {
    return new CaptureException(problem, "Nothing: it is tried again", Kind.TRANSIENT, null);
  }

  /** Nothing that trying again can heal. */
  public static CaptureException permanent(String problem, String remedy) {
    return new CaptureException(problem, remedy, Kind.PERMANENT, null);
  }

  /** What made a source fail, for whoever waits for its start. */
  public static CaptureException of(ChangeSource.State.Failed failed) {
    return new CaptureException(
        failed.cause(),
        failed.remedy(),
        failed.slotIsSpent() ? Kind.SLOT_SPENT : Kind.PERMANENT,
        null);
  }

  /** What is wrong and where. */
  public String problem() {
    return problem;
  }

  /** What a person can do. */
  public String remedy() {
    return remedy;
  }

  /** Whether trying again without a person's help is pointless. */
  public boolean isPermanent() {
    return kind == Kind.PERMANENT || kind == Kind.SLOT_SPENT;
  }

  /** Whether only another slot helps. */
  public boolean isSlotSpent() {
    return kind == Kind.SLOT_SPENT;
  }

  boolean isBusy() {
    return kind == Kind.BUSY;
  }
}
