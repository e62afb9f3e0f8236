package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.control.Command.Alter;
import dev.freshet.engine.control.Reply;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet alter}. */
@Command(
    name = "alter",
    header = "Change a stream table's query or settings.",
    description = {
      "Takes effect in a running engine at once. With a new query the table stays: only its"
          + " columns",
      "change where the query's do. Readers see the old content or the new, never less."
    },
    footer = {
      "",
      "Examples:",
      "  freshet alter revenue --schedule 5s",
      "  freshet alter revenue --set max-change-ratio=0.5 --reset schedule",
      "  freshet alter revenue --file revenue.sql"
    })
final class AlterCommand extends FreshetCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The stream table.")
  String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "QUERY",
      description = "- reads the new query from standard input.")
  @Nullable String dash;

  @Mixin QueryOption queryOption = new QueryOption();

  @Mixin StreamTableOptions streamTable = new StreamTableOptions();

  @Option(
      names = "--reset",
      paramLabel = "KEY",
      description = "Give up the stream table's own value of this setting. Repeatable.")
  List<String> resets = List.of();

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  private Optional<String> query = Optional.empty();

  AlterCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Optional<String> query() {
    return query;
  }

  @Override
  public Integer call() {
    query = queryOption.read(spec, terminal, CreateCommand.isDash(spec, dash));
    Map<String, String> settings = new LinkedHashMap<>(streamTable.settings(options));
    RefreshOverrides.parse(settings);
    resets.forEach(key -> settings.put(key, ""));
    if (query.isEmpty() && settings.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "Nothing to change: give --set, --reset, --schedule, --mode or a query");
    }
    FreshetConfig config = configBesideStreamTable();
    Reply reply = ask(config, new Alter(name, query, settings), Reply.class);
    print(json ? JsonText.pretty(reply) + "\n" : ReplyText.of(reply, styles()));
    return ExitCode.OK;
  }
}
