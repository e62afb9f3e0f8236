package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.setup.Check.State;
import dev.freshet.engine.setup.Grants;
import dev.freshet.engine.setup.Setup;
import dev.freshet.engine.setup.SetupReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code freshet init}. */
@Command(
    name = "init",
    header = "Check a server and set Freshet up in a database.",
    description = {
      "Creates schema freshet, the publication and the replication slot. If anything is missing,",
      "tells all of it at once with the SQL to run. Can be repeated."
    },
    footer = {
      "",
      "Examples:",
      "  freshet init -h db.example.com -d shop -U freshet",
      "  freshet init --check",
      "  freshet init -d shop -U freshet --print-grants | psql -U postgres shop"
    })
final class InitCommand extends FreshetCommand {
  @Option(names = "--check", description = "Only look; change nothing.")
  boolean check;

  @Option(
      names = "--print-grants",
      description = "Print the SQL that makes a role for Freshet, and connect to nothing.")
  boolean printGrants;

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  InitCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  String problem() {
    return "Something is missing.";
  }

  @Override
  public Integer call() {
    FreshetConfig config = config();
    if (printGrants) {
      print(Grants.script(config));
      return ExitCode.OK;
    }
    SetupReport report = check ? Setup.check(config) : Setup.init(config);
    if (json) {
      printLine(JsonText.pretty(ChecksText.forPrograms(report)));
    } else {
      print(ChecksText.of(report, styles()) + "\n" + verdict(report) + "\n");
    }
    return report.ready() ? ExitCode.OK : ExitCode.PROBLEM;
  }

  private String verdict(SetupReport report) {
    long missing = report.count(State.FAIL);
    if (missing > 0) {
      return Human.count(missing, "thing")
          + " missing"
          + (check ? "." : "; mend this and run freshet init again.");
    }
    if (report.count(State.DONE) > 0) {
      return "Freshet is set up: freshet create NAME --query SQL, and freshet run.";
    }
    return "Freshet is set up; nothing to do.";
  }
}
