package dev.freshet.bench.freshness;

import dev.freshet.bench.BenchOptions;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench freshness}. */
@Command(
    name = "freshness",
    header = "Measure how long after its commit a change is visible in stream tables.")
public final class FreshnessCommand implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Changes per second; default: ${DEFAULT-VALUE}.")
  private int rate = 1_000;

  @Option(
      names = "--rows",
      paramLabel = "N",
      description = "Rows of the source; default: 100000, with --quick 10000.")
  private int rows;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long to measure; default: 60, with --quick 15.")
  private int seconds;

  @Override
  public Integer call() throws Exception {
    boolean quick = options.quick();
    return options.run(
        new FreshnessBenchmark(
            Duration.ofSeconds(quick ? 3 : 10),
            Duration.ofSeconds(seconds > 0 ? seconds : quick ? 15 : 60),
            rows > 0 ? rows : quick ? 10_000 : 100_000,
            rate));
  }
}
