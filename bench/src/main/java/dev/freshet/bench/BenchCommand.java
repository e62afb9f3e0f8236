package dev.freshet.bench;

import dev.freshet.bench.decode.DecodeCommand;
import dev.freshet.bench.freshness.FreshnessCommand;
import dev.freshet.bench.matrix.MatrixCommand;
import dev.freshet.bench.memory.MemoryCommand;
import dev.freshet.bench.noop.NoopCommand;
import dev.freshet.bench.scale.ScaleCommand;
import dev.freshet.bench.tpch.TpchCommand;
import dev.freshet.bench.writers.WritersCommand;
import dev.freshet.cli.ExitCode;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code freshet bench}: the parent of the benchmarks. */
@Command(
    name = "bench",
    header = "Measure what Freshet claims, on an embedded PostgreSQL 18 or a server of yours.",
    subcommands = {
      MatrixCommand.class,
      NoopCommand.class,
      WritersCommand.class,
      FreshnessCommand.class,
      DecodeCommand.class,
      ScaleCommand.class,
      MemoryCommand.class,
      TpchCommand.class
    })
public final class BenchCommand implements Callable<Integer> {
  @Option(
      names = {"-?", "-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Without a name there is nothing to measure: shows what there is. */
  @Override
  public Integer call() {
    CommandLine commandLine = spec.commandLine();
    commandLine.usage(commandLine.getErr());
    return ExitCode.USAGE;
  }
}
