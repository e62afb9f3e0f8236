package dev.freshet.cdc.trigger;

import java.time.Duration;

/**
 * Settings of a {@link TriggerChangeSource}.
 *
 * @param pollInterval how often it is looked for new transactions while there are some
 * @param maxMemoryBytes memory for one delta's rows; one that takes more is not computed
 * @param rotateBytes size from which another generation of a buffer is begun
 */
public record TriggerOptions(Duration pollInterval, long maxMemoryBytes, long rotateBytes) {
  private static final long ROTATE_BYTES = 256 << 10;

  public static TriggerOptions of(Duration pollInterval, long maxMemoryBytes) {
    return new TriggerOptions(pollInterval, maxMemoryBytes, ROTATE_BYTES);
  }
}
