package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.control.Command.Create;
import dev.freshet.engine.control.Command.CreateOrReplace;
import dev.freshet.engine.control.Reply;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet create}. */
@Command(
    name = "create",
    header = "Create a stream table and fill it.",
    description = {
      "A running engine keeps it fresh from then on. The query can be anything that PostgreSQL",
      "accepts as a view, if no function in it is volatile; freshet explain tells how it will be",
      "maintained."
    },
    footer = {
      "",
      "Examples:",
      "  freshet create revenue --query \"SELECT region, sum(amount) AS total FROM orders"
          + " GROUP BY region\"",
      "  freshet create reports.daily --file daily.sql --schedule \"0 3 * * *\"",
      "  freshet create revenue --file revenue.sql --or-replace",
      "  freshet create hot --schedule continuous --set max-change-ratio=0.3 - < hot.sql"
    })
final class CreateCommand extends FreshetCommand {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "schema.table, or a table of schema public.")
  String name = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "QUERY",
      description = "- reads the query from standard input.")
  @Nullable String dash;

  @Mixin QueryOption queryOption = new QueryOption();

  @Mixin StreamTableOptions streamTable = new StreamTableOptions();

  @ArgGroup(exclusive = true)
  @Nullable Existing existing;

  /** What to do with a stream table that exists. */
  static final class Existing {
    @Option(names = "--if-not-exists", description = "Do nothing if the stream table exists.")
    boolean ifNotExists;

    @Option(
        names = "--or-replace",
        description =
            "If it exists, alter it in place: query and settings as given here, other settings as"
                + " in the configuration. Changes nothing if it is so already.")
    boolean orReplace;
  }

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  private Optional<String> query = Optional.empty();

  CreateCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  Optional<String> query() {
    return query;
  }

  @Override
  public Integer call() {
    query = queryOption.read(spec, terminal, isDash(spec, dash));
    String text =
        query.orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(), "No query: give --query SQL, --file FILE, or -"));
    Map<String, String> settings = streamTable.settings(options);
    RefreshOverrides.parse(settings);
    FreshetConfig config = configBesideStreamTable();
    Existing given = existing;
    Reply reply =
        ask(
            config,
            given != null && given.orReplace
                ? new CreateOrReplace(name, text, settings)
                : new Create(name, text, settings, given != null && given.ifNotExists),
            Reply.class);
    print(json ? JsonText.pretty(reply) + "\n" : ReplyText.of(reply, styles()));
    return ExitCode.OK;
  }

  /** Whether the query stands on standard input; any other word there is a mistake. */
  static boolean isDash(picocli.CommandLine.Model.CommandSpec spec, @Nullable String word) {
    if (word == null) {
      return false;
    }
    if (!word.equals(QueryOption.STANDARD_INPUT)) {
      throw new ParameterException(
          spec.commandLine(), "Unexpected '" + word + "': give the query with --query or --file");
    }
    return true;
  }
}
