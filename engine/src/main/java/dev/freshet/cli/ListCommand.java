package dev.freshet.cli;

import dev.freshet.engine.control.Command.Status;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.Reply.StatusOf;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code freshet list}. */
@Command(
    name = "list",
    aliases = "ls",
    header = "List the stream tables.",
    footer = {
      "",
      "Examples:",
      "  freshet list",
      "  freshet list --queries",
      "  freshet list --json"
    })
final class ListCommand extends FreshetCommand {
  @Option(names = "--queries", description = "Show the defining queries too.")
  boolean queries;

  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  ListCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    EngineStatus status = ask(config(), new Status(), StatusOf.class).status();
    if (json) {
      printLine(JsonText.pretty(status.streamTables()));
    } else if (status.streamTables().isEmpty()) {
      printLine("No stream tables yet: freshet create NAME --query SQL");
    } else {
      print(table(status));
    }
    return ExitCode.OK;
  }

  private String table(EngineStatus status) {
    TextTable table =
        new TextTable()
            .text("STREAM TABLE")
            .text("CLASS")
            .text("MODE")
            .text("SCHEDULE")
            .text("STATE")
            .text("READS")
            .quantity("ROWS")
            .text("QUERY");
    for (StreamTableStatus streamTable : status.streamTables()) {
      table
          .row(
              streamTable.name(),
              streamTable.refreshClass(),
              streamTable.mode(),
              streamTable.schedule())
          .cell(streamTable.state(), StatusText.colourOf(streamTable.state(), styles()))
          .cell(String.join(", ", streamTable.place().upstreams()))
          .cell(StatusText.known(status, Human.count(streamTable.rows())))
          .cell(queries ? streamTable.query().strip().replaceAll("\\s+", " ") : "");
    }
    return table.render(styles());
  }
}
