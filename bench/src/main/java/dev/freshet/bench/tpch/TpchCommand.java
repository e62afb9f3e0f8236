package dev.freshet.bench.tpch;

import dev.freshet.bench.BenchOptions;
import dev.freshet.bench.matrix.Cycles;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench tpch}. */
@Command(
    name = "tpch",
    header = "Time refreshes of the 22 TPC-H queries under RF1, RF2 and updates.")
public final class TpchCommand implements Callable<Integer> {
  private static final int QUERIES = 22;
  private static final int WARM_UP = 1;
  private static final int CYCLES = 4;
  private static final double QUICK_SCALE = 0.1;
  private static final double LEAST_SCALE = 0.01;

  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--scale",
      paramLabel = "FACTOR",
      description = "Scale factor, 1 is about a gigabyte; default: 1, and 0.1 with --quick.")
  private double scale;

  @Option(
      names = "--queries",
      split = ",",
      paramLabel = "N",
      description = "Numbers of queries to measure; default: all 22.")
  private List<Integer> queries = List.of();

  @Option(
      names = "--rate",
      split = ",",
      paramLabel = "SHARE",
      description =
          "Share of the rows of orders and lineitem that change in a cycle; default: 0.001,0.01.")
  private List<Double> rates = List.of();

  @Option(
      names = "--cycles",
      paramLabel = "N",
      description =
          "Measured cycles per rate, after one (quick: none) that is not counted; default: 4, with"
              + " --quick 1.")
  private int cycles;

  @Override
  public Integer call() throws Exception {
    boolean quick = options.quick();
    queries.stream()
        .filter(number -> number < 1 || number > QUERIES)
        .findFirst()
        .ifPresent(
            number -> {
              throw options.usage("--queries: TPC-H has queries 1 to 22, not " + number);
            });
    double factor = scale != 0 ? scale : quick ? QUICK_SCALE : 1;
    if (!(factor >= LEAST_SCALE)) {
      throw options.usage(
          "--scale must be at least 0.01, not %s: with fewer suppliers a part has one of them twice"
              .formatted(factor));
    }
    int measured = cycles > 0 ? cycles : quick ? 1 : CYCLES;
    return options.run(
        new TpchBenchmark(
            factor,
            queries.isEmpty() ? IntStream.rangeClosed(1, QUERIES).boxed().toList() : queries,
            rates.isEmpty() ? List.of(0.001, 0.01) : rates,
            new Cycles(quick ? 0 : WARM_UP, measured)));
  }
}
