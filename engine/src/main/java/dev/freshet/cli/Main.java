package dev.freshet.cli;

import java.util.List;
import java.util.ServiceLoader;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/** The program {@code freshet}. */
public final class Main {
  private Main() {}

  /** Runs the command line of this process and ends it with an {@link ExitCode}. */
  public static void main(String[] arguments) {
    System.exit(run(Terminal.ofProcess(), arguments));
  }

  /** Runs one command line on {@code terminal} and returns its {@link ExitCode}. */
  public static int run(Terminal terminal, String... arguments) {
    int code = commandLine(terminal).execute(arguments);
    terminal.out().flush();
    terminal.err().flush();
    return code;
  }

  /** The model of all commands, those of other modules included. */
  static CommandLine commandLine(Terminal terminal) {
    CommandLine root = new CommandLine(new RootCommand(terminal));
    for (FreshetCommand command : own(terminal)) {
      root.addSubcommand(command);
    }
    for (CommandProvider provider : ServiceLoader.load(CommandProvider.class)) {
      provider.commands().forEach(root::addSubcommand);
    }
    Failures failures = new Failures(terminal);
    root.setOut(terminal.out())
        .setErr(terminal.err())
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                terminal.styles() == Styles.COLOURED ? Ansi.ON : Ansi.OFF))
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpLongOptionsMaxWidth(28);
    HelpLayout.arrange(root);
    return root;
  }

  private static List<FreshetCommand> own(Terminal terminal) {
    return List.of(
        new InitCommand(terminal),
        new RunCommand(terminal),
        new DoctorCommand(terminal),
        new CreateCommand(terminal),
        new AlterCommand(terminal),
        new DropCommand(terminal),
        new ApplyCommand(terminal),
        new ListCommand(terminal),
        new StatusCommand(terminal),
        new ExplainCommand(terminal),
        new CompileCommand(terminal),
        new RefreshCommand(terminal),
        new PauseCommand(terminal),
        new ResumeCommand(terminal),
        new AuditCommand(terminal),
        new CaptureCommand(terminal),
        new VersionCommand(terminal),
        new CompletionCommand(terminal));
  }
}
