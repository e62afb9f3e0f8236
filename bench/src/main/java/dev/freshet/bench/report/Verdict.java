package dev.freshet.bench.report;

/**
 * Whether one figure met its target.
 *
 * @param target the target's short name: {@code 1}, {@code 2}, {@code a}
 * @param cell where it was measured: {@code scan 100K 1 %}
 * @param quantity what was measured: {@code full ÷ wal}
 * @param value the figure; NaN if it could not be measured, which is a miss
 * @param unit {@code ×}, {@code ms}, …
 * @param remark why a miss is one where the figure alone does not tell, otherwise empty
 */
public record Verdict(
    String target,
    String cell,
    String quantity,
    double value,
    Bound bound,
    double limit,
    String unit,
    String remark) {

  /** Which side of the limit is good. */
  public enum Bound {
    AT_LEAST("≥"),
    MORE_THAN(">"),
    AT_MOST("≤"),
    LESS_THAN("<");

    private final String sign;

    Bound(String sign) {
      this.sign = sign;
    }

    public String sign() {
      return sign;
    }

    boolean holds(double value, double limit) {
      return switch (this) {
        case AT_LEAST -> value >= limit;
        case MORE_THAN -> value > limit;
        case AT_MOST -> value <= limit;
        case LESS_THAN -> value < limit;
      };
    }
  }

  public Verdict(
      String target,
      String cell,
      String quantity,
      double value,
      Bound bound,
      double limit,
      String unit) {
    this(target, cell, quantity, value, bound, limit, unit, "");
  }

  /** The same, missed for a reason that the figure does not show. */
  public Verdict spoiltBy(String reason) {
    return new Verdict(target, cell, quantity, value, bound, limit, unit, reason);
  }

  public boolean met() {
    return remark.isEmpty() && bound.holds(value, limit);
  }

  /** {@code ≥ 18×}. */
  public String requirement() {
    return bound.sign() + " " + number(limit) + unitSuffix();
  }

  /** {@code 19.2×}. */
  public String figure() {
    return Figures.significant(value) + unitSuffix();
  }

  private static String number(double limit) {
    return limit == Math.rint(limit) ? Long.toString((long) limit) : Double.toString(limit);
  }

  private String unitSuffix() {
    return unit.equals("×") || unit.isEmpty() ? unit : " " + unit;
  }

  @Override
  public String toString() {
    String text = "%s: %s = %s, target %s".formatted(cell, quantity, figure(), requirement());
    return remark.isEmpty() ? text : text + " (" + remark + ")";
  }
}
