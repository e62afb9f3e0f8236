package dev.freshet.cdc.buffer;

/** A value that cannot be summed exactly; becomes {@link dev.freshet.cdc.Delta.Unreducible}. */
final class UnreducibleException extends RuntimeException {
  private final String column;

  UnreducibleException(String column) {
    super("column " + column + " cannot be summed exactly", null, false, false);
    this.column = column;
  }

  String column() {
    return column;
  }
}
