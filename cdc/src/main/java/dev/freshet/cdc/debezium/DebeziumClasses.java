package dev.freshet.cdc.debezium;

import dev.freshet.cdc.wal.CaptureException;

/** Whether Debezium can be used: it is not part of a release. */
public final class DebeziumClasses {
  private DebeziumClasses() {}

  /** Whether its classes are on the class path. */
  public static boolean arePresent() {
    try {
      DebeziumVersion.text();
      return true;
    } catch (LinkageError _) {
      return false;
    }
  }

  /**
   * Makes sure that they are.
   *
   * @throws CaptureException telling what to put where
   */
  public static void require() {
    if (!arePresent()) {
      throw CaptureException.permanent(
          "cdc.mode is debezium, and Debezium is not on the class path",
          "Put io.debezium:debezium-embedded and debezium-connector-postgres "
              + "with what they depend on into the directory lib/debezium of this release"
              + " (docs/how-to/debezium.md has the command), or set cdc.mode: wal");
    }
  }
}
