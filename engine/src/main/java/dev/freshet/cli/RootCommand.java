package dev.freshet.cli;

import dev.freshet.engine.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet} without a command. */
@Command(
    name = "freshet",
    header = "Stream tables for stock PostgreSQL: query results kept exact from the log.",
    synopsisSubcommandLabel = "COMMAND",
    versionProvider = RootCommand.VersionLine.class,
    footer = {
      "",
      "Examples:",
      "  freshet demo                       a server, a writer and five stream tables, at once",
      "  freshet init -d shop -U freshet    set up a database of yours",
      "  freshet run -d shop -U freshet     keep its stream tables fresh",
      "",
      "freshet COMMAND --help tells more about each."
    })
final class RootCommand implements Callable<Integer> {
  @Mixin(name = ConfigOptions.MIXIN)
  ConfigOptions options = new ConfigOptions();

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the version.")
  boolean version;

  @Spec CommandSpec spec = CommandSpec.create();

  private final Terminal terminal;

  RootCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** What {@code --version} prints. */
  static final class VersionLine implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"freshet " + Version.text()};
    }
  }

  @Override
  public Integer call() {
    if (!spec.commandLine().getParseResult().originalArgs().isEmpty()) {
      throw new ParameterException(spec.commandLine(), "No command given");
    }
    spec.commandLine().usage(terminal.out());
    return ExitCode.USAGE;
  }
}
