package dev.freshet.bench.report;

import java.util.Arrays;
import java.util.Collection;

/** Measured values of one quantity, in its unit; at least one. */
public final class Samples {
  private final double[] sorted;

  private Samples(double[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no samples: nothing was measured");
    }
    sorted = values.clone();
    Arrays.sort(sorted);
  }

  public static Samples of(double... values) {
    return new Samples(values);
  }

  public static Samples of(Collection<Double> values) {
    return new Samples(values.stream().mapToDouble(Double::doubleValue).toArray());
  }

  public int count() {
    return sorted.length;
  }

  public double min() {
    return sorted[0];
  }

  public double max() {
    return sorted[sorted.length - 1];
  }

  public double median() {
    return quantile(0.5);
  }

  public double p95() {
    return quantile(0.95);
  }

  public double p99() {
    return quantile(0.99);
  }

  /**
   * The value below which the fraction {@code q} of the samples lies, interpolated as {@code
   * percentile_cont(q)}.
   *
   * @throws IllegalArgumentException if {@code q} is outside [0, 1]
   */
  public double quantile(double q) {
    if (!(q >= 0 && q <= 1)) {
      throw new IllegalArgumentException("a quantile lies between 0 and 1, not " + q);
    }
    double position = q * (sorted.length - 1);
    int below = (int) Math.floor(position);
    int above = (int) Math.ceil(position);
    return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
  }

  @Override
  public String toString() {
    return "n=%d median=%.3f p95=%.3f".formatted(count(), median(), p95());
  }
}
