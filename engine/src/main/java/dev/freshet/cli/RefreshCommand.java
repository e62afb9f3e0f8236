package dev.freshet.cli;

import dev.freshet.engine.control.Command.Refresh;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply.Refreshed;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code freshet refresh}. */
@Command(
    name = "refresh",
    header = "Refresh stream tables now.",
    description = {
      "Afterwards they hold everything that was committed before the call. Without names: all."
    },
    footer = {"", "Examples:", "  freshet refresh", "  freshet refresh revenue --mode full"})
final class RefreshCommand extends FreshetCommand {
  @Parameters(arity = "0..*", paramLabel = "NAME", description = "The stream tables.")
  List<String> names = List.of();

  /** How to refresh this once. */
  enum Way {
    auto,
    incremental,
    full
  }

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES}: for this once, instead of the configured one.")
  @Nullable Way mode;

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  RefreshCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  String problem() {
    return "A refresh failed; the stream table is as it was.";
  }

  @Override
  public Integer call() {
    Optional<String> way =
        Optional.ofNullable(mode).map(chosen -> chosen.name().toLowerCase(Locale.ROOT));
    Refreshed reply = ask(config(), new Refresh(names, way), Refreshed.class);
    print(json ? JsonText.pretty(reply.reports()) + "\n" : ReplyText.of(reply, styles()));
    boolean failed = reply.reports().stream().anyMatch(report -> report.mode() == Mode.FAILED);
    return failed ? ExitCode.PROBLEM : ExitCode.OK;
  }
}
