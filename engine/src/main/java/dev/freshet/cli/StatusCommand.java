package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.config.InvalidValueException;
import dev.freshet.config.TableName;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.Command.Status;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Reply.StatusOf;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet status}. */
@Command(
    name = "status",
    header = "Show how fresh the stream tables are.",
    description = {
      "PENDING and LAG are the changes received that a stream table has not seen yet, BEHIND the",
      "age of the oldest of them. With names: everything about these, with their last refreshes."
    },
    footer = {
      "",
      "Examples:",
      "  freshet status",
      "  freshet status revenue --watch",
      "  freshet status --json | jq .streamTables"
    })
final class StatusCommand extends FreshetCommand {
  private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J\u001b[3J";

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "Show these in detail.")
  List<String> names = List.of();

  @Option(
      names = "--watch",
      arity = "0..1",
      fallbackValue = "2",
      paramLabel = "SECONDS",
      description = "Show again and again, every ${FALLBACK-VALUE} seconds if none are given.")
  @Nullable Double watch;

  @Option(names = "--json", description = "Answer in JSON; with --watch one line each time.")
  boolean json;

  StatusCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() throws InterruptedException {
    Double seconds = watch;
    if (seconds != null && !(seconds >= 0.1 && seconds <= 3600)) {
      throw new ParameterException(
          spec.commandLine(), "--watch must be between 0.1 and 3600 seconds, not " + seconds);
    }
    FreshetConfig config = config();
    try (EngineClient client = EngineClient.connect(config)) {
      show(client, seconds != null);
      while (seconds != null) {
        Thread.sleep(Duration.ofMillis(Math.round(seconds * 1000)));
        show(client, true);
      }
    }
    return ExitCode.OK;
  }

  private void show(EngineClient client, boolean watching) {
    EngineStatus status = ask(client, new Status(), StatusOf.class).status();
    List<StreamTableStatus> chosen = chosen(status);
    if (json) {
      Object answer = names.isEmpty() ? status : chosen;
      printLine(watching ? JsonText.compact(answer) : JsonText.pretty(answer));
      return;
    }
    Instant now = Instant.now();
    String text =
        names.isEmpty()
            ? StatusText.of(status, now, styles())
            : chosen.stream()
                .map(streamTable -> StatusText.details(streamTable, now, styles()))
                .collect(Collectors.joining("\n"));
    print(!watching ? text : styles() == Styles.COLOURED ? CLEAR_SCREEN + text : text + "\n");
  }

  private List<StreamTableStatus> chosen(EngineStatus status) {
    List<StreamTableStatus> chosen = new ArrayList<>();
    for (String name : names) {
      TableName wanted = parse(name);
      chosen.add(
          status.streamTables().stream()
              .filter(streamTable -> parse(streamTable.name()).equals(wanted))
              .findFirst()
              .orElseThrow(
                  () ->
                      FreshetException.of(
                          Kind.UNKNOWN_STREAM_TABLE,
                          "there is no stream table " + wanted,
                          "freshet list shows those that exist")));
    }
    return chosen;
  }

  private TableName parse(String name) {
    try {
      return TableName.parse(name);
    } catch (InvalidValueException inner) {
      try {
        return TableName.parse("public." + name);
      } catch (InvalidValueException _) {
        throw new ParameterException(
            spec.commandLine(), "'" + name + "' " + inner.getMessage(), inner);
      }
    }
  }
}
