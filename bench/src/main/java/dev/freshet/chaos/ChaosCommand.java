package dev.freshet.chaos;

import dev.freshet.cli.ExitCode;
import dev.freshet.embedded.PgVersion;
import java.io.Console;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet chaos}. */
@Command(
    name = "chaos",
    header =
        "Harm the engine, the server and the network between them, and audit after each event.",
    description = {
      "Starts an embedded PostgreSQL, writers, and an engine in a process of its own with 13"
          + " stream",
      "tables on two levels; nothing stays behind. After each event all stream tables are compared",
      "with their queries; a reader checks invariants of a bank and of lists all the time."
    },
    footer = {
      "",
      "Exit code 0 if everything held, 1 if not; then the engine's log stays.",
      "",
      "Examples:",
      "  freshet chaos --events 200 --seed 4711",
      "  freshet chaos --minutes 60 --postgres-version 15",
      "  freshet chaos --events 50 --kinds engine-kill,server-crash"
    })
public final class ChaosCommand implements Callable<Integer> {
  private static final int EVENTS = 50;
  private static final int UNBOUNDED = 1_000_000;

  @Option(
      names = "--events",
      paramLabel = "N",
      description = "End after N events; default: 50, with --minutes as many as there is time for.")
  private Optional<Integer> events = Optional.empty();

  @Option(names = "--minutes", paramLabel = "M", description = "Begin no event after M minutes.")
  private Optional<Integer> minutes = Optional.empty();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of kinds, moments and writers; default: a random one, which is printed.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--kinds",
      paramLabel = "KIND",
      split = ",",
      description =
          "Only events of these kinds, separated by commas; default: all. --list shows them.")
  private List<String> kinds = List.of();

  @Option(names = "--list", description = "Show the kinds of events, and do nothing.")
  private boolean list;

  @Option(
      names = "--postgres-version",
      paramLabel = "V",
      description =
          "15, 16, 17 or 18; default: 18. A release has 18 alone; in the source tree the others are"
              + " there once the tests have run.")
  private int version = 18;

  @Option(
      names = "--keep-going",
      description = "Go on after a check that failed; default: end there.")
  private boolean keepGoing;

  @Option(names = "--json", description = "Print one JSON object per event, and one at the end.")
  private boolean json;

  @Option(
      names = {"-?", "-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws SQLException, IOException {
    if (list) {
      for (Kind kind : Kind.values()) {
        System.out.printf("%-15s %s%n", kind.key(), kind.description());
      }
      return ExitCode.OK;
    }
    ChaosOptions options = options();
    ChaosOutput output =
        json
            ? new ChaosJson(System.out)
            : new ChaosText(System.out, options.events(), isTerminal());
    try {
      ChaosResult result = new ChaosRun(options, output).run();
      output.ends(result);
      return result.isClean() ? ExitCode.OK : ExitCode.PROBLEM;
    } catch (ChaosFailure e) {
      output.failed("before the first event: " + e.getMessage());
      return ExitCode.PROBLEM;
    }
  }

  private ChaosOptions options() {
    check(events.orElse(1) >= 1, "--events must be at least 1, not " + events.orElse(0));
    check(minutes.orElse(1) >= 1, "--minutes must be at least 1, not " + minutes.orElse(0));
    PgVersion server = checked(() -> PgVersion.ofMajor(version));
    List<Kind> possible = Kind.on(server);
    List<Kind> chosen = checked(() -> kinds.stream().map(Kind::named).toList());
    for (Kind kind : chosen) {
      check(
          possible.contains(kind),
          "--kinds: %s does not happen to %s".formatted(kind.key(), server));
    }
    return new ChaosOptions(
        events.orElse(minutes.isPresent() ? UNBOUNDED : EVENTS),
        minutes.map(Duration::ofMinutes),
        seed.orElseGet(() -> (long) new Random().nextInt(1_000_000)),
        chosen.isEmpty() ? possible : chosen,
        server,
        keepGoing);
  }

  private <T> T checked(java.util.function.Supplier<T> option) {
    try {
      return option.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private void check(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  @SuppressWarnings("SystemConsoleNull") // It is null again in 25 where nothing is interactive.
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
