package dev.freshet.config;

/**
 * Bounds of the change buffer in the JVM.
 *
 * @param maxMemory of all buffered changes together
 * @param maxTransactionMemory of one transaction's changes before its commit
 */
public record BufferConfig(DataSize maxMemory, DataSize maxTransactionMemory) {
  public BufferConfig {
    Settings.CDC_BUFFER_MAX_MEMORY.require(maxMemory);
    if (maxTransactionMemory.compareTo(maxMemory) > 0) {
      throw new IllegalArgumentException(
          "one transaction's " + maxTransactionMemory + " exceed the " + maxMemory + " of all");
    }
  }
}
