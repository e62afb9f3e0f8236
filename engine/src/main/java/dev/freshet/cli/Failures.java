package dev.freshet.cli;

import dev.freshet.config.ConfigException;
import dev.freshet.config.InvalidValueException;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.ServerErrors;
import dev.freshet.engine.setup.Grants;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Shows what a command threw, to a person or with {@code --json} to a program. */
final class Failures implements IExecutionExceptionHandler, IParameterExceptionHandler {
  private static final String JSON_OPTION = "--json";

  private final Terminal terminal;

  Failures(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    boolean json = command.getParseResult().hasMatchedOption(JSON_OPTION);
    int code = show(e, command, json);
    if (isDebugged(command)) {
      e.printStackTrace(terminal.err());
    }
    terminal.err().flush();
    return code;
  }

  @Override
  public int handleParseException(ParameterException e, String[] arguments) {
    boolean json = List.of(arguments).contains(JSON_OPTION);
    usage(e, json);
    terminal.err().flush();
    return usageError(e.getCommandLine(), List.of(arguments));
  }

  private int show(Exception e, CommandLine command, boolean json) {
    switch (e) {
      case FreshetException failure -> failure(failure, command, json);
      case SQLException sql -> {
        FreshetException failure = ServerErrors.translate(sql, "do it");
        failure(failure, command, json);
        return codeOf(failure.kind());
      }
      case ParameterException usage -> usage(usage, json);
      case ConfigException config ->
          error(String.valueOf(config.getMessage()), "", "BAD_SETTING", json);
      case InvalidValueException value ->
          error("a value " + value.getMessage(), value.suggestion().orElse(""), "USAGE", json);
      case InterruptedException _ -> error("interrupted", "", "INTERRUPTED", json);
      case Exception fault ->
          error(
              "internal fault: " + fault,
              isDebugged(command)
                  ? "please report it with the stack trace below"
                  : "run it again with --debug and report what it prints",
              "FAULT",
              json);
    }
    return switch (e) {
      case FreshetException failure -> codeOf(failure.kind());
      case ParameterException _, ConfigException _, InvalidValueException _ ->
          usageError(command, List.of());
      case InterruptedException _ -> ExitCode.SERVER;
      case Exception _ -> ExitCode.FAULT;
    };
  }

  /** A command line that could not be read has set nothing yet. */
  private static int usageError(CommandLine command, List<String> arguments) {
    if (command.getCommand() instanceof FreshetCommand own) {
      return own instanceof ApplyCommand && arguments.contains("--plan")
          ? ExitCode.PROBLEM
          : own.usageError();
    }
    return ExitCode.USAGE;
  }

  private void failure(FreshetException e, CommandLine command, boolean json) {
    Optional<FreshetCommand> failed =
        command.getCommand() instanceof FreshetCommand own ? Optional.of(own) : Optional.empty();
    String remedy =
        e.remedy()
            .replace(
                ServerErrors.ROLE,
                failed.flatMap(FreshetCommand::role).map(Grants::identifier).orElse("the role"));
    if (json) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("kind", e.kind());
      error.put("message", e.getMessage());
      error.put("hint", remedy);
      error.put("sqlState", e.sqlState());
      error.put("position", e.position());
      terminal.err().println(JsonText.compact(Map.of("error", error)));
      return;
    }
    Optional<String> query = failed.flatMap(FreshetCommand::query);
    terminal.err().print(ErrorText.of(e, query, remedy, terminal.styles()));
  }

  private void usage(ParameterException e, boolean json) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    List<String> suggestions =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    String hint =
        suggestions.isEmpty()
            ? command + " --help shows what is possible"
            : "did you mean " + suggestions.getFirst() + "?";
    error(String.valueOf(e.getMessage()), hint, "USAGE", json);
  }

  private void error(String message, String hint, String kind, boolean json) {
    if (json) {
      Map<String, Object> error = new LinkedHashMap<>();
      error.put("kind", kind);
      error.put("message", message);
      error.put("hint", hint);
      terminal.err().println(JsonText.compact(Map.of("error", error)));
    } else {
      terminal.err().print(ErrorText.of(message, hint, terminal.styles()));
    }
  }

  private static boolean isDebugged(CommandLine command) {
    return command.getCommand() instanceof FreshetCommand freshet && freshet.options.debug()
        || command.getCommandSpec().root().userObject() instanceof RootCommand root
            && root.options.debug();
  }

  static int codeOf(FreshetException.Kind kind) {
    return switch (kind) {
      case BAD_QUERY,
          UNSUPPORTED_QUERY,
          UNKNOWN_STREAM_TABLE,
          NAME_TAKEN,
          HAS_DEPENDENTS,
          BAD_SETTING ->
          ExitCode.USAGE;
      case MISSING_PRIVILEGE,
          SERVER_NOT_READY,
          CONNECTION,
          BUSY,
          SERVER_ERROR,
          NOT_INITIALISED,
          TIMEOUT ->
          ExitCode.SERVER;
    };
  }
}
