package dev.freshet.cdc.buffer;

/** The log does not tell what changed; becomes {@link dev.freshet.cdc.Delta.Unknown}. */
final class UnknowableDeltaException extends RuntimeException {
  UnknowableDeltaException(String reason) {
    super(reason, null, false, false);
  }

  static UnknowableDeltaException tooLarge() {
    return new UnknowableDeltaException("the delta exceeds 2 GiB in one column");
  }

  /** What is staged does not fit into memory even when consolidated. */
  static UnknowableDeltaException beyondMemory(long budgetBytes) {
    return new UnknowableDeltaException(
        "the staged delta exceeds %d bytes in memory, a quarter of cdc.buffer.max-memory"
            .formatted(budgetBytes));
  }

  /** An old row that the view needs was not logged. */
  static UnknowableDeltaException oldRowMissing(RowLayout layout) {
    return new UnknowableDeltaException(
        "old row of %s was not logged (replica identity %s when it was written, FULL is needed)"
            .formatted(layout.schema().qualifiedName(), layout.schema().identity().sql()));
  }
}
