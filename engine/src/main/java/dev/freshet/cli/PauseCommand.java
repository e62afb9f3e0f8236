package dev.freshet.cli;

import dev.freshet.engine.control.Command.Pause;
import dev.freshet.engine.control.Reply;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code freshet pause}. */
@Command(
    name = "pause",
    header = "Stop refreshing stream tables; their content stays as it is.",
    description = {
      "Changes are kept until freshet resume: the server keeps its log meanwhile, so do not forget",
      "a paused stream table."
    },
    footer = {"", "Examples:", "  freshet pause revenue", "  freshet pause --all"})
final class PauseCommand extends FreshetCommand {
  @Mixin SeveralNames streamTables = new SeveralNames();

  PauseCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    List<String> names = streamTables.named(spec);
    print(ReplyText.of(ask(config(), new Pause(names), Reply.class), styles()));
    return ExitCode.OK;
  }
}
