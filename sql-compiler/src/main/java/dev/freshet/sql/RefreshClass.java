package dev.freshet.sql;

/** The three ways to maintain an operator, cheapest first. */
public enum RefreshClass {
  /** From the delta, and the stream table's own state, alone. */
  ALGEBRAIC("algebraic"),
  /** Recompute the groups or keys that the delta touches, write the rows that differ. */
  AFFECTED_KEYS("affected keys"),
  /** Recompute the query, write the rows that differ. */
  FULL("full");

  private final String label;

  RefreshClass(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }
}
