package dev.freshet.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** {@code freshet completion}. */
@Command(
    name = "completion",
    header = "Print a completion script for bash and zsh.",
    footer = {
      "",
      "Examples:",
      "  source <(freshet completion)",
      "  freshet completion > ~/.local/share/bash-completion/completions/freshet"
    })
final class CompletionCommand extends FreshetCommand {
  CompletionCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    print(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
    return ExitCode.OK;
  }
}
