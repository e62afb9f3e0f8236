package dev.freshet.bench.matrix;

/** How often a cell is measured: cycles that are not counted, then cycles that are. */
public record Cycles(int warmUp, int measured) {
  public Cycles {
    if (warmUp < 0 || measured < 1) {
      throw new IllegalArgumentException(
          "at least one cycle must be measured, not %d after %d".formatted(measured, warmUp));
    }
  }
}
