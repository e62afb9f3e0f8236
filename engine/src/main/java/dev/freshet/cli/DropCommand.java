package dev.freshet.cli;

import dev.freshet.engine.EngineClient;
import dev.freshet.engine.control.Command.Drop;
import dev.freshet.engine.control.Reply;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code freshet drop}. */
@Command(
    name = "drop",
    header = "Drop stream tables.",
    description = {
      "Their sources leave the publication if nobody else reads them. One that other stream tables",
      "read is not dropped without --cascade."
    },
    footer = {
      "",
      "Examples:",
      "  freshet drop revenue",
      "  freshet drop --if-exists a b reports.c",
      "  freshet drop --cascade orders_by_region"
    })
final class DropCommand extends FreshetCommand {
  @Parameters(arity = "1..*", paramLabel = "NAME", description = "The stream tables.")
  List<String> names = List.of();

  @Option(names = "--if-exists", description = "Do not complain about one that does not exist.")
  boolean ifExists;

  @Option(names = "--cascade", description = "Drop the stream tables that read it too.")
  boolean cascade;

  DropCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    try (EngineClient client = EngineClient.connect(config())) {
      for (String name : names) {
        print(ReplyText.of(ask(client, new Drop(name, ifExists, cascade), Reply.class), styles()));
      }
    }
    return ExitCode.OK;
  }
}
