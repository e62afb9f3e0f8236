package dev.freshet.bench.scale;

import dev.freshet.bench.BenchOptions;
import dev.freshet.bench.matrix.Cycles;
import dev.freshet.bench.matrix.Scenario;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench scale}. */
@Command(
    name = "scale",
    header = "Time a refresh after 1,000 changed rows, against sources of 10^4 to 10^7 rows.")
public final class ScaleCommand implements Callable<Integer> {
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
      description =
          "Sizes; default: 10000,100000,1000000,10000000, with --quick 10000,100000. Ten million"
              + " rows take about 5 GB of disk.")
  private List<Integer> rows = List.of();

  @Option(names = "--changes", paramLabel = "N", description = "Changed rows; default: 1000.")
  private int changes = 1_000;

  @Option(
      names = "--cycles",
      paramLabel = "N",
      description = "Measured cycles, after 2 that are not counted; default: 10, with --quick 5.")
  private int cycles;

  @Override
  public Integer call() throws Exception {
    boolean quick = options.quick();
    List<Scenario> chosen =
        scenarios.isEmpty()
            ? Arrays.asList(Scenario.values())
            : scenarios.stream().map(options.checked("--scenario", Scenario::of)).toList();
    List<Integer> sizes =
        quick ? List.of(10_000, 100_000) : List.of(10_000, 100_000, 1_000_000, 10_000_000);
    return options.run(
        new ScaleBenchmark(
            chosen,
            rows.isEmpty() ? sizes : rows,
            changes,
            new Cycles(2, cycles > 0 ? cycles : quick ? 5 : 10)));
  }
}
