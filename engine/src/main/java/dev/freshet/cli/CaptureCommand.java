package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.control.Command.Status;
import dev.freshet.engine.control.Command.SwitchCapture;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.Reply.StatusOf;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet capture}. */
@Command(
    name = "capture",
    header = "Show or change how changes are captured, while everything runs.",
    description = {
      "Changes the way without a full refresh and without a gap; writers and readers go on. What"
          + " is",
      "chosen here outlives the engine's process. It counts over cdc.mode until that is changed in",
      "the configuration, or until freshet capture configured."
    },
    footer = {
      "",
      "Examples:",
      "  freshet capture              how changes are captured now, and why",
      "  freshet capture trigger      before the server's wal_level is lowered",
      "  freshet capture configured   as cdc.mode says, from now on"
    })
final class CaptureCommand extends FreshetCommand {
  private static final Set<String> MODES = Set.of("wal", "trigger", "auto", "configured");

  @Parameters(
      arity = "0..1",
      paramLabel = "MODE",
      description =
          "wal, trigger, auto (the log where it can be read, else triggers), or configured: what"
              + " cdc.mode says. Without it: show, and change nothing.")
  @Nullable String mode;

  CaptureCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    String wanted = mode;
    if (wanted == null) {
      show(config());
      return ExitCode.OK;
    }
    if (!MODES.contains(wanted)) {
      throw new ParameterException(
          spec.commandLine(),
          "MODE must be wal, trigger, auto or configured, not '" + wanted + "'");
    }
    print(ReplyText.of(ask(config(), new SwitchCapture(wanted), Reply.class), styles()));
    return ExitCode.OK;
  }

  private void show(FreshetConfig config) {
    EngineStatus status = ask(config, new Status(), StatusOf.class).status();
    printLine(
        "changes are captured by "
            + status.capture()
            + (status.captureReason().isEmpty()
                ? ", as cdc.mode says"
                : " (" + status.captureReason() + ")"));
  }
}
