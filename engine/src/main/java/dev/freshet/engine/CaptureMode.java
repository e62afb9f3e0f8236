package dev.freshet.engine;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.config.CdcMode;
import dev.freshet.engine.refresh.Capture;
import java.sql.SQLException;
import java.util.Set;

/**
 * One way to capture changes, opened, with all that belongs to it and to no other. The engine
 * outside of it knows the {@link ChangeSource} alone; {@link ChangeSources} opens them.
 */
interface CaptureMode {
  /** Which one it is; never {@code AUTO}. */
  CdcMode mode();

  /** Not started yet. */
  ChangeSource source();

  /** Makes sources deliver their changes. */
  SourcePreparation preparation();

  /** What refreshes must know of it. */
  Capture capture();

  /** What is to be done now and then; asked for once, when the frontiers can be checked. */
  Upkeep upkeep(Frontiers frontiers);

  /** Bytes that the server keeps because not every stream table has seen them. */
  long retainedBytes();

  /** Whether all that was captured since an engine was attached last is still there. */
  default Continuity continuity() {
    return new Continuity(new SlotVerdict.Intact(), Set.of());
  }

  /**
   * What was lost.
   *
   * @param invalidated ids of the stream tables whose frontiers were good before
   */
  record Continuity(SlotVerdict verdict, Set<Long> invalidated) {
    public Continuity {
      invalidated = Set.copyOf(invalidated);
    }
  }

  /** Makes sure that the frontiers in memory are those in the catalog. */
  @FunctionalInterface
  interface Frontiers {
    /** Gives up those that are not; false if that cannot be told now. */
    boolean areStored() throws SQLException, InterruptedException;
  }

  /** Lets the server forget what every stream table has durably seen. */
  interface Upkeep {
    /**
     * The source was connected, perhaps to a server that has crashed meanwhile: what the crash
     * undid must not count as durable.
     */
    void connected();

    /** Once a second. */
    void tick() throws SQLException, InterruptedException;

    /** At shutdown. */
    void finish() throws SQLException, InterruptedException;
  }
}
