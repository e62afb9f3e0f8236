package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.config.LoadedConfig;
import dev.freshet.config.StreamTableConfig;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.control.Command.Apply;
import dev.freshet.engine.control.Declaration;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import dev.freshet.engine.control.TableChange.Action;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet apply}. */
@Command(
    name = "apply",
    header = "Make the stream tables what freshet.yaml says.",
    description = {
      "Creates what is missing, alters in place what differs, and leaves the rest alone; doing it",
      "again changes nothing. If one of them cannot be applied, nothing is done. What the file"
          + " does",
      "not have is listed, and dropped with --prune if a file once declared it."
    },
    footer = {
      "",
      "Examples:",
      "  freshet apply --plan",
      "  freshet apply stream-tables.yaml --prune"
    })
final class ApplyCommand extends FreshetCommand {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The configuration file, as --config names it.")
  @Nullable Path file;

  @Option(
      names = "--plan",
      description = "Show what would be done, and do nothing. Exits with 2 if anything would.")
  boolean planOnly;

  @Option(
      names = "--prune",
      description = "Drop stream tables that came from a file and are not in this one any more.")
  boolean prune;

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  ApplyCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  String problem() {
    return "A stream table cannot be applied; with --plan, wrong usage or configuration too.";
  }

  @Override
  Map<Integer, String> otherExitCodes() {
    return Map.of(
        ExitCode.USAGE,
        "Not begun: wrong usage, configuration or name. With --plan: something would change.");
  }

  /** With --plan, 2 says that something would change. */
  @Override
  int usageError() {
    return planOnly ? ExitCode.PROBLEM : ExitCode.USAGE;
  }

  @Override
  public Integer call() {
    LoadedConfig loaded = loaded(Optional.ofNullable(file));
    if (loaded.file().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "No file: there is no freshet.yaml here; give FILE or --config FILE");
    }
    FreshetConfig config = loaded.config();
    List<Declaration> declarations =
        config.streamTables().stream().map(ApplyCommand::declaration).toList();
    try (EngineClient client = EngineClient.connect(config)) {
      List<TableChange> changes =
          planOnly
              ? client.plan(declarations, prune)
              : ask(client, new Apply(declarations, prune), Reply.Applied.class).changes();
      return show(changes);
    }
  }

  private static Declaration declaration(StreamTableConfig wanted) {
    return new Declaration(
        wanted.name().toString(),
        wanted.query(),
        wanted.overrides().toMap(),
        wanted.file(),
        wanted.place().toString());
  }

  private int show(List<TableChange> changes) {
    boolean invalid = changes.stream().anyMatch(change -> change.action() == Action.INVALID);
    boolean failed = changes.stream().anyMatch(TableChange::failed);
    if (json) {
      print(JsonText.pretty(Map.of("changes", changes)) + "\n");
    } else {
      if (planOnly) {
        print(ApplyText.plan(changes, styles()));
      } else if (!invalid) {
        print(ApplyText.done(changes, styles()));
      }
      if (failed) {
        terminal.err().print(ApplyText.problems(changes, effect(changes, invalid), styles()));
        terminal.err().flush();
      }
    }
    if (failed) {
      return ExitCode.PROBLEM;
    }
    boolean wouldChange = changes.stream().anyMatch(change -> change.action().changes());
    return planOnly && wouldChange ? ExitCode.USAGE : ExitCode.OK;
  }

  private String effect(List<TableChange> changes, boolean invalid) {
    if (invalid) {
      return planOnly ? "nothing would be changed" : "nothing was changed";
    }
    return changes.stream().allMatch(TableChange::failed)
        ? "it is as it was"
        : "the others are done";
  }
}
