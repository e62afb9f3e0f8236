package dev.freshet.cli;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Stream tables by name, or all of them when asked for in so many words. */
final class SeveralNames {
  @Parameters(arity = "0..*", paramLabel = "NAME", description = "The stream tables.")
  List<String> names = List.of();

  @Option(names = "--all", description = "All stream tables.")
  boolean all;

  /** The names; empty means all, as {@link dev.freshet.engine.control.Command} has it. */
  List<String> named(CommandSpec spec) {
    if (all == !names.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), all ? "Give names or --all, not both" : "Give names, or --all");
    }
    return names;
  }
}
