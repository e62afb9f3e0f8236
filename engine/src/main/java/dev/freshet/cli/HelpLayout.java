package dev.freshet.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** How help is laid out: commands in groups, and exit codes with every command. */
final class HelpLayout {
  private static final int WIDTH = 100;

  /** Commands by what a person wants; those of other modules that are not named come last. */
  private static final Map<String, List<String>> GROUPS = groups();

  private HelpLayout() {}

  private static Map<String, List<String>> groups() {
    Map<String, List<String>> groups = new LinkedHashMap<>();
    groups.put("Begin", List.of("demo", "init", "run"));
    groups.put(
        "Stream tables", List.of("create", "alter", "drop", "apply", "list", "explain", "compile"));
    groups.put("Freshness", List.of("status", "refresh", "pause", "resume", "audit", "capture"));
    groups.put("Look after it", List.of("doctor", "bench", "version", "completion"));
    return groups;
  }

  static void arrange(CommandLine root) {
    root.setUsageHelpWidth(WIDTH);
    root.getHelpSectionMap()
        .put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST, HelpLayout::commandList);
    root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING, _ -> "");
    commandsBeforeOptions(root);
    root.getCommandSpec().usageMessage().abbreviateSynopsis(true);
    for (CommandLine command : root.getSubcommands().values()) {
      command.setUsageHelpWidth(WIDTH);
      if (command.getCommand() instanceof FreshetCommand freshet) {
        command.getCommandSpec().usageMessage().abbreviateSynopsis(true);
        exitCodes(
            command.getCommandSpec().usageMessage(), freshet.problem(), freshet.otherExitCodes());
      }
    }
    exitCodes(root.getCommandSpec().usageMessage(), "A problem was found.", Map.of());
  }

  private static void commandsBeforeOptions(CommandLine root) {
    List<String> keys = new ArrayList<>(root.getHelpSectionKeys());
    keys.remove(UsageMessageSpec.SECTION_KEY_COMMAND_LIST);
    keys.add(
        keys.indexOf(UsageMessageSpec.SECTION_KEY_PARAMETER_LIST_HEADING),
        UsageMessageSpec.SECTION_KEY_COMMAND_LIST);
    root.setHelpSectionKeys(keys);
  }

  private static void exitCodes(
      UsageMessageSpec usage, String problem, Map<Integer, String> others) {
    Map<String, String> codes = new LinkedHashMap<>();
    codes.put(Integer.toString(ExitCode.OK), "Done.");
    if (!problem.isEmpty()) {
      codes.put(Integer.toString(ExitCode.PROBLEM), problem);
    }
    codes.put(
        Integer.toString(ExitCode.USAGE), "Not begun: wrong usage, configuration, name or query.");
    codes.put(
        Integer.toString(ExitCode.SERVER), "The server or the engine did not allow or manage it.");
    others.forEach((code, meaning) -> codes.put(Integer.toString(code), meaning));
    usage.exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
  }

  private static String commandList(Help help) {
    Map<String, Help> commands = new LinkedHashMap<>();
    help.subcommands().forEach((names, command) -> commands.put(names.split(",")[0], command));
    StringBuilder text = new StringBuilder();
    Map<String, List<String>> groups = new LinkedHashMap<>(GROUPS);
    List<String> others = new ArrayList<>(commands.keySet());
    GROUPS.values().forEach(others::removeAll);
    groups.put("More", others);
    groups.forEach(
        (heading, names) -> {
          List<String> present = names.stream().filter(commands::containsKey).toList();
          if (!present.isEmpty()) {
            text.append(System.lineSeparator())
                .append(help.colorScheme().text("@|bold " + heading + "|@:"))
                .append(System.lineSeparator());
            present.forEach(name -> text.append(line(name, commands)));
          }
        });
    return text.append(System.lineSeparator()).toString();
  }

  private static String line(String name, Map<String, Help> commands) {
    Help command = commands.getOrDefault(name, null);
    if (command == null) {
      throw new IllegalStateException(name + " is no command");
    }
    UsageMessageSpec usage = command.commandSpec().usageMessage();
    String header =
        usage.header().length > 0
            ? String.join(" ", usage.header())
            : Arrays.stream(usage.description()).findFirst().orElse("");
    return "  "
        + command.colorScheme().commandText(name)
        + " ".repeat(Math.max(2, 14 - name.length()))
        + header
        + System.lineSeparator();
  }
}
