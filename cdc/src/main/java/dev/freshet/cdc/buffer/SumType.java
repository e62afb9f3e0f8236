package dev.freshet.cdc.buffer;

/** Types whose sums are exact, and what their total is delivered as. */
enum SumType {
  INT2(20),
  INT4(20),
  INT8(1700),
  NUMERIC(1700);

  private final int totalOid;

  SumType(int totalOid) {
    this.totalOid = totalOid;
  }

  /** Type of the total: bigint or numeric. */
  int totalOid() {
    return totalOid;
  }

  /**
   * The way to sum a column of type {@code typeOid}.
   *
   * @throws UnreducibleException if there is none
   */
  static SumType of(String column, int typeOid) {
    return switch (typeOid) {
      case 21 -> INT2;
      case 23 -> INT4;
      case 20 -> INT8;
      case 1700 -> NUMERIC;
      default -> throw new UnreducibleException(column);
    };
  }
}
