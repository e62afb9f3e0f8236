package dev.freshet.cdc.wal;

import dev.freshet.cdc.server.SlotAdmin;
import java.time.Duration;

/**
 * Settings of a {@link WalChangeSource}.
 *
 * @param slot name of an existing slot for {@code pgoutput}
 * @param publication name of a publication that existed before the slot
 * @param statusInterval how often a new confirmed position is sent
 * @param slotWait how long to wait for other connections to let go of the slot, or of a WAL sender
 * @param maxMemoryBytes memory for buffered row images ({@code cdc.buffer.max-memory})
 */
public record WalOptions(
    String slot,
    String publication,
    Duration statusInterval,
    Duration slotWait,
    long maxMemoryBytes) {
  public WalOptions {
    SlotAdmin.checkName(slot);
    if (publication.isEmpty()) {
      throw new IllegalArgumentException("publication name is empty");
    }
    if (statusInterval.toMillis() < 10) {
      throw new IllegalArgumentException("status interval below 10 ms: " + statusInterval);
    }
    if (maxMemoryBytes < 1 << 16) {
      throw new IllegalArgumentException(
          "cdc.buffer.max-memory below 64 KiB: " + maxMemoryBytes + " bytes");
    }
  }

  /** Status every second, 30 s of patience with a slot in use, 256 MiB. */
  public static WalOptions of(String slot, String publication) {
    return new WalOptions(
        slot, publication, Duration.ofSeconds(1), Duration.ofSeconds(30), 256L << 20);
  }
}
