package dev.freshet.bench.noop;

import dev.freshet.bench.BenchOptions;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code freshet bench noop}. */
@Command(
    name = "noop",
    header = "Measure refreshes that have nothing to do: scheduled ticks and manual calls.")
public final class NoopCommand implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Override
  public Integer call() throws Exception {
    return options.run(
        options.quick()
            ? new NoopBenchmark(Duration.ofSeconds(3), 100)
            : new NoopBenchmark(Duration.ofSeconds(20), 1_000));
  }
}
