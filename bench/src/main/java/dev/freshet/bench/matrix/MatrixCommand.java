package dev.freshet.bench.matrix;

import dev.freshet.bench.BenchOptions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench matrix}. */
@Command(
    name = "matrix",
    header = "Time one refresh by every contender: five queries, sizes, change rates.")
public final class MatrixCommand implements Callable<Integer> {
  private static final int WARM_UP = 2;
  private static final int CYCLES = 10;
  private static final int QUICK_CYCLES = 3;

  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--scenario",
      split = ",",
      paramLabel = "NAME",
      description = "scan, filter, aggregate, join, join_agg; default: all.")
  private List<String> scenarios = List.of();

  @Option(
      names = "--rows",
      split = ",",
      paramLabel = "N",
      description = "Rows of the source; default: 10000,100000, and 10000 with --quick.")
  private List<Integer> rows = List.of();

  @Option(
      names = "--rate",
      split = ",",
      paramLabel = "SHARE",
      description = "Share of the rows that change in a cycle; default: 0.01,0.1,0.5.")
  private List<Double> rates = List.of();

  @Option(
      names = "--cycles",
      paramLabel = "N",
      description =
          "Measured cycles per cell, after 2 (quick: 1) that are not counted; default:"
              + " 10, with --quick 3.")
  private int cycles;

  @Option(
      names = "--synchronous-commit",
      paramLabel = "MODE",
      description = "off, on or both; default: both, and on with --quick.")
  private String synchronousCommit = "";

  @Option(
      names = "--cold",
      description =
          "Also measure refreshes that begin right after the change, before it is decoded"
              + " (contenders wal_cold and auto_cold).")
  private boolean cold;

  @Override
  public Integer call() throws Exception {
    return options.run(benchmark());
  }

  private MatrixBenchmark benchmark() {
    boolean quick = options.quick();
    List<Scenario> chosen =
        scenarios.isEmpty()
            ? Arrays.asList(Scenario.values())
            : scenarios.stream().map(options.checked("--scenario", Scenario::of)).toList();
    int measured = cycles > 0 ? cycles : quick ? QUICK_CYCLES : CYCLES;
    return new MatrixBenchmark(
        chosen,
        rows.isEmpty() ? (quick ? List.of(10_000) : List.of(10_000, 100_000)) : rows,
        rates.isEmpty() ? List.of(0.01, 0.1, 0.5) : rates,
        options.synchronousCommit(synchronousCommit),
        new Cycles(quick ? 1 : WARM_UP, measured),
        cold);
  }
}
