package dev.freshet.sql.tree;

/**
 * An entry of ORDER BY.
 *
 * @param value what is sorted by
 */
public record SortKey(Scalar value, boolean descending, boolean nullsFirst) {

  /** The same order of other values. */
  public SortKey of(Scalar other) {
    return new SortKey(other, descending, nullsFirst);
  }

  public SortKey reversed() {
    return new SortKey(value, !descending, !nullsFirst);
  }

  /** {@code x DESC NULLS LAST}, as ORDER BY and CREATE INDEX want it. */
  public Scalar sql() {
    return Scalar.of(
        value.grouped(),
        descending ? " DESC" : " ASC",
        nullsFirst ? " NULLS FIRST" : " NULLS LAST");
  }

  /** Whether the value comes before another one; never NULL. */
  public Scalar before(Scalar other) {
    Scalar x = value.grouped();
    Scalar y = other.grouped();
    Scalar first = nullsFirst ? x : y;
    Scalar second = nullsFirst ? y : x;
    return Scalar.of(
        "COALESCE(",
        x,
        descending ? " > " : " < ",
        y,
        ", ",
        first,
        " IS NULL AND ",
        second,
        " IS NOT NULL)");
  }

  /** Whether neither value comes before the other; never NULL. */
  public Scalar ties(Scalar other) {
    Scalar x = value.grouped();
    Scalar y = other.grouped();
    return Scalar.of("COALESCE(", x, " = ", y, ", ", x, " IS NULL AND ", y, " IS NULL)");
  }
}
