package dev.freshet.cli;

import dev.freshet.engine.control.Command.Resume;
import dev.freshet.engine.control.Reply;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code freshet resume}. */
@Command(
    name = "resume",
    header = "Refresh paused or failed stream tables again.",
    description = "They catch up with everything that happened meanwhile.",
    footer = {"", "Examples:", "  freshet resume revenue", "  freshet resume --all"})
final class ResumeCommand extends FreshetCommand {
  @Mixin SeveralNames streamTables = new SeveralNames();

  ResumeCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    List<String> names = streamTables.named(spec);
    print(ReplyText.of(ask(config(), new Resume(names), Reply.class), styles()));
    return ExitCode.OK;
  }
}
