package dev.freshet.bench.decode;

import dev.freshet.bench.BenchOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench decode}. */
@Command(
    name = "decode",
    header = "Measure how fast changes come out of a slot into the consolidated buffer.")
public final class DecodeCommand implements Callable<Integer> {
  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--changes",
      paramLabel = "N",
      description = "Changed rows in the log; default: 1000000, with --quick 100000.")
  private int changes;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Times that each reader reads them; default: 7, with --quick 3.")
  private int rounds;

  @Override
  public Integer call() throws Exception {
    boolean quick = options.quick();
    return options.run(
        new DecodeBenchmark(
            changes > 0 ? changes : quick ? 100_000 : 1_000_000,
            rounds > 0 ? rounds : quick ? 3 : 7));
  }
}
