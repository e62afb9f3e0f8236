package dev.freshet.cdc.wal;

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

  static CaptureException permanent(String problem, String remedy) {
    return new CaptureException(problem, remedy, Kind.PERMANENT, null);
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
    return kind == Kind.PERMANENT;
  }

  boolean isBusy() {
    return kind == Kind.BUSY;
  }
}
