package dev.freshet.config;

/**
 * Where changes wait, and how much of the JVM's memory they may take.
 *
 * @param maxMemory of all buffered changes together
 * @param maxTransactionMemory of one transaction's changes before it is staged
 */
public record BufferConfig(BufferMode mode, DataSize maxMemory, DataSize maxTransactionMemory) {
  public BufferConfig {
    Settings.CDC_BUFFER_MAX_MEMORY.require(maxMemory);
    if (maxTransactionMemory.compareTo(maxMemory) > 0) {
      throw new IllegalArgumentException(
          "one transaction's " + maxTransactionMemory + " exceed the " + maxMemory + " of all");
    }
  }
}
