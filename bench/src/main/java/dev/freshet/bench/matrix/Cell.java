package dev.freshet.bench.matrix;

import dev.freshet.bench.report.Figures;

/**
 * One combination of the matrix.
 *
 * @param rows of {@code src}
 * @param rate share of the rows that change in a cycle, in (0, 1]
 * @param synchronousCommit {@code on} or {@code off}, for all sessions
 */
public record Cell(Scenario scenario, int rows, double rate, String synchronousCommit) {
  public Cell {
    if (rows < 1 || !(rate > 0 && rate <= 1)) {
      throw new IllegalArgumentException(
          "a cell needs at least 1 row and a rate in (0, 1], not %d rows and %s"
              .formatted(rows, rate));
    }
  }

  /** Rows that change in one cycle: at least one of each kind. */
  int changes() {
    return Math.max(10, (int) Math.round(rows * rate));
  }

  /** {@code scan 100K 1 %}. */
  public String label() {
    return "%s %s %s".formatted(scenario, Figures.rows(rows), Figures.percent(rate));
  }
}
