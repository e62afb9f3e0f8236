package dev.freshet.bench.writers;

import dev.freshet.bench.BenchOptions;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench writers}. */
@Command(
    name = "writers",
    header = "Measure what capture costs four writers of small transactions.")
public final class WritersCommand implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Turns of each attachment; default: 6, with --quick 2.")
  private int rounds;

  @Option(
      names = "--slice",
      paramLabel = "SECONDS",
      description = "Length of a turn; default: 10, with --quick 2.")
  private int slice;

  @Option(
      names = "--synchronous-commit",
      paramLabel = "MODE",
      description = "off, on or both; default: both, and on with --quick.")
  private String synchronousCommit = "";

  @Override
  public Integer call() throws Exception {
    boolean quick = options.quick();
    return options.run(
        new WritersBenchmark(
            options.synchronousCommit(synchronousCommit),
            rounds > 0 ? rounds : quick ? 2 : 6,
            Duration.ofSeconds(slice > 0 ? slice : quick ? 2 : 10)));
  }
}
