package dev.freshet.cli;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command.Audit;
import dev.freshet.engine.control.Reply.Audited;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code freshet audit}. */
@Command(
    name = "audit",
    header = "Prove on the live system that stream tables equal their queries.",
    description = {
      "Each stream table is refreshed incrementally and compared with its query in that same",
      "snapshot, while writers go on. Without names: all."
    },
    footer = {"", "Examples:", "  freshet audit", "  freshet audit revenue --limit 100"})
final class AuditCommand extends FreshetCommand {
  @Parameters(arity = "0..*", paramLabel = "NAME", description = "The stream tables.")
  List<String> names = List.of();

  @Option(
      names = "--limit",
      paramLabel = "ROWS",
      defaultValue = "20",
      description = "Differing rows to show for each. Default: ${DEFAULT-VALUE}.")
  int limit;

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  AuditCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  String problem() {
    return "A stream table differs from its query, or could not be audited.";
  }

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new ParameterException(spec.commandLine(), "--limit must be at least 1, not " + limit);
    }
    Audited reply = ask(config(), new Audit(names, limit), Audited.class);
    print(json ? JsonText.pretty(reply.reports()) + "\n" : ReplyText.of(reply, styles()));
    return reply.reports().stream().allMatch(AuditReport::equal) ? ExitCode.OK : ExitCode.PROBLEM;
  }
}
