package dev.freshet.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The page {@code docs/reference/commands.md}, from picocli's model of the commands. */
final class CommandReference {
  private static final String HEAD =
      """
      # Commands

      <!-- Generated from the commands' own help; do not edit.
           Rewrite with: mvn -pl engine -am test -Dtest=CommandReferenceTest \\
             -Dsurefire.failIfNoSpecifiedTests=false -Dfreshet.update-reference=true -->

      `freshet COMMAND --help` shows the same in the terminal. `freshet demo`, `freshet bench` and
      `freshet chaos` explain themselves in the same way.

      Where an engine serves the database (`freshet run`), the commands reach it through the
      database: whoever can connect there needs no other port. Where none runs, a command does the
      work itself.

      ## Exit codes

      | code | meaning |
      |---|---|
      | 0 | Done. |
      | 1 | Done, and a problem was found: a difference, a failed check or refresh. |
      | 2 | Not begun: wrong usage, configuration, name or query. |
      | 3 | The server or the engine did not allow or manage it: connection, privilege, lock. |
      | 70 | A fault of Freshet itself; `--debug` shows where. |

      Errors go to standard error. With `--json` an error is one line
      `{"error":{"kind":…,"message":…,"hint":…,"sqlState":…,"position":…}}`.

      ## Options of every command

      They can stand before the command's name or after it.

      """;

  private final StringBuilder page = new StringBuilder();
  private final CommandLine root;
  private final Set<String> common = new HashSet<>();

  private CommandReference(CommandLine root) {
    this.root = root;
  }

  static String markdown(CommandLine root) {
    return new CommandReference(root).render();
  }

  private String render() {
    page.append(HEAD);
    List<OptionSpec> shared =
        root.getCommandSpec().options().stream().filter(o -> !o.versionHelp()).toList();
    shared.forEach(option -> common.add(option.longestName()));
    options(shared, List.of());
    Set<CommandLine> seen = new HashSet<>();
    for (CommandLine command : root.getSubcommands().values()) {
      if (seen.add(command)) {
        command(command.getCommandSpec());
      }
    }
    return page.toString();
  }

  private void command(CommandSpec spec) {
    UsageMessageSpec usage = spec.usageMessage();
    page.append("\n## freshet ").append(spec.name()).append("\n\n");
    page.append(String.join(" ", usage.header())).append('\n');
    if (usage.description().length > 0) {
      page.append('\n').append(String.join("\n", usage.description())).append('\n');
    }
    String synopsis =
        new Help(spec, CommandLine.Help.defaultColorScheme(Ansi.OFF)).abbreviatedSynopsis();
    page.append("\n```\n").append(synopsis.strip()).append("\n```\n");
    List<OptionSpec> own =
        spec.options().stream().filter(o -> !common.contains(o.longestName())).toList();
    if (!own.isEmpty() || !spec.positionalParameters().isEmpty()) {
      page.append('\n');
      options(own, spec.positionalParameters());
    }
    String problem = usage.exitCodeList().getOrDefault(Integer.toString(ExitCode.PROBLEM), "");
    if (!problem.isEmpty()) {
      page.append("\nExit code 1: ").append(problem).append('\n');
    }
    List<String> examples =
        List.of(usage.footer()).stream().filter(line -> line.startsWith("  ")).toList();
    page.append("\n```console\n");
    examples.forEach(line -> page.append("$ ").append(line.strip()).append('\n'));
    page.append("```\n");
  }

  private void options(List<OptionSpec> options, List<PositionalParamSpec> positionals) {
    page.append("| | |\n|---|---|\n");
    for (PositionalParamSpec positional : positionals) {
      row("`" + positional.paramLabel() + "`", positional);
    }
    List<OptionSpec> sorted = new ArrayList<>(options);
    sorted.sort((a, b) -> a.longestName().compareTo(b.longestName()));
    for (OptionSpec option : sorted) {
      String names =
          List.of(option.names()).stream()
              .map(name -> "`" + name + "`")
              .collect(Collectors.joining(", "));
      String parameter = option.arity().max() == 0 ? "" : " `" + option.paramLabel() + "`";
      row(names + parameter, option);
    }
  }

  private void row(String label, ArgSpec argument) {
    String description =
        String.join(" ", argument.description())
            .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValueString()))
            .replace("${COMPLETION-CANDIDATES}", candidates(argument))
            .replace("${FALLBACK-VALUE}", fallback(argument))
            .replace("|", "\\|");
    page.append("| ").append(label).append(" | ").append(description).append(" |\n");
  }

  private static String candidates(ArgSpec argument) {
    List<String> candidates = new ArrayList<>();
    if (argument.completionCandidates() != null) {
      argument.completionCandidates().forEach(candidates::add);
    }
    return String.join(", ", candidates);
  }

  private static String fallback(ArgSpec argument) {
    return argument instanceof OptionSpec option ? String.valueOf(option.fallbackValue()) : "";
  }
}
