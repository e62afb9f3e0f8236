package dev.freshet.engine;

/** What became of the slot since an engine used it last, and what follows for the frontiers. */
sealed interface SlotVerdict {
  /** It holds every change that a frontier has not seen. */
  record Intact() implements SlotVerdict {}

  /**
   * It was synchronised to the standby that is the primary now, and holds every change that a
   * frontier <em>as this server has it</em> has not seen.
   */
  record FailedOver(String what) implements SlotVerdict {}

  /** Changes are missing, or may be: stream tables that are captured from the log are refilled. */
  record Lost(String reason) implements SlotVerdict {}
}
