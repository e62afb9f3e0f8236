package dev.freshet.bench.matrix;

import java.util.Map;
import java.util.Optional;

/**
 * The speed-ups over its own full refresh that pg_trickle, the ancestor, published: the best it
 * ever showed and the latest. Its best figures average in cycles whose buffers were empty.
 */
final class Ancestor {
  /** Per scenario: 10K 1 %, 10 %, 50 %, then 100K 1 %, 10 %, 50 %. */
  private static final Map<Scenario, double[]> LATEST =
      Map.of(
          Scenario.SCAN, new double[] {4.4, 5.0, 2.5, 7.0, 3.3, 0.8},
          Scenario.FILTER, new double[] {3.3, 1.9, 0.9, 7.9, 3.1, 1.1},
          Scenario.AGGREGATE, new double[] {1.5, 1.1, 1.0, 2.6, 0.8, 0.6},
          Scenario.JOIN, new double[] {2.9, 1.8, 1.0, 6.0, 3.3, 0.9},
          Scenario.JOIN_AGG, new double[] {0.7, 0.9, 1.4, 3.1, 0.8, 0.7});

  private static final Map<Scenario, double[]> BEST =
      Map.of(
          Scenario.SCAN, new double[] {10.1, 6.4, 3.1, 41.7, 4.5, 0.9},
          Scenario.FILTER, new double[] {5.4, 3.3, 1.2, 26.3, 3.5, 1.8},
          Scenario.AGGREGATE, new double[] {1.7, 1.2, 1.7, 4.4, 1.1, 0.9},
          Scenario.JOIN, new double[] {6.7, 4.1, 1.1, 30.4, 3.3, 1.1},
          Scenario.JOIN_AGG, new double[] {1.0, 1.8, 1.4, 4.9, 0.9, 0.9});

  private Ancestor() {}

  /** The latest published speed-up for a cell, ×; empty for cells that it did not measure. */
  static Optional<Double> latest(Cell cell) {
    return find(LATEST, cell);
  }

  /** The best published speed-up for a cell, ×. */
  static Optional<Double> best(Cell cell) {
    return find(BEST, cell);
  }

  private static Optional<Double> find(Map<Scenario, double[]> published, Cell cell) {
    int size =
        switch (cell.rows()) {
          case 10_000 -> 0;
          case 100_000 -> 3;
          default -> -1;
        };
    int rate = cell.rate() == 0.01 ? 0 : cell.rate() == 0.1 ? 1 : cell.rate() == 0.5 ? 2 : -1;
    double[] figures = published.get(cell.scenario());
    return size < 0 || rate < 0 || figures == null
        ? Optional.empty()
        : Optional.of(figures[size + rate]);
  }
}
