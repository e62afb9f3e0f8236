package dev.freshet.bench.memory;

import dev.freshet.bench.BenchOptions;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code freshet bench memory}. */
@Command(
    name = "memory",
    header = "Send a burst of changes through an engine whose heap is far too small for it.")
public final class MemoryCommand implements Callable<Integer> {
  private static final int BURST = 5_000_000;
  private static final int QUICK_BURST = 300_000;
  private static final int ROWS = 100_000;
  private static final int QUICK_ROWS = 20_000;
  private static final int HEAP_MEGABYTES = 256;
  private static final int QUICK_HEAP_MEGABYTES = 64;

  @Mixin private final BenchOptions options = new BenchOptions();

  @Option(
      names = "--changes",
      paramLabel = "N",
      description = "Changed rows in the burst; default: 5000000, with --quick 300000.")
  private int changes;

  @Option(
      names = "--heap",
      paramLabel = "MB",
      description = "Heap of the engine's process; default: 256, with --quick 64.")
  private int heapMegabytes;

  @Override
  public Integer call() throws Exception {
    int burst = changes > 0 ? changes : options.quick() ? QUICK_BURST : BURST;
    int heap =
        heapMegabytes > 0 ? heapMegabytes : options.quick() ? QUICK_HEAP_MEGABYTES : HEAP_MEGABYTES;
    return options.run(
        new MemoryBenchmark(
            burst, heap, options.quick() ? QUICK_ROWS : ROWS, options.quick() ? 3 : 10));
  }
}
