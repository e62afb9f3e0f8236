package dev.freshet.cli;

import dev.freshet.engine.setup.Check.State;
import dev.freshet.engine.setup.Doctor;
import dev.freshet.engine.setup.SetupReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code freshet doctor}. */
@Command(
    name = "doctor",
    header = "Examine server, slot, publication, sources and engine.",
    description = "Each finding is ok, warn or FAIL, with the remedy. Changes nothing.",
    footer = {"", "Examples:", "  freshet doctor", "  freshet doctor --json"})
final class DoctorCommand extends FreshetCommand {
  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  DoctorCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  String problem() {
    return "A finding is FAIL.";
  }

  @Override
  public Integer call() {
    SetupReport report = Doctor.examine(config());
    if (json) {
      printLine(JsonText.pretty(ChecksText.forPrograms(report)));
    } else {
      print(
          ChecksText.of(report, styles())
              + "\n"
              + Human.count(report.count(State.FAIL), "failure")
              + ", "
              + Human.count(report.count(State.WARN), "warning")
              + "\n");
    }
    return report.ready() ? ExitCode.OK : ExitCode.PROBLEM;
  }
}
