package dev.freshet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The three ways to hand over a query: as an option, in a file, on standard input. */
final class QueryOption {
  static final String STANDARD_INPUT = "-";

  @ArgGroup(exclusive = true)
  @Nullable Given given;

  /** One of them. */
  static final class Given {
    @Option(
        names = {"-q", "--query"},
        paramLabel = "SQL",
        description = "The defining query.")
    @Nullable String query;

    @Option(
        names = {"-f", "--file"},
        paramLabel = "FILE",
        description = "A file that holds the query; - reads standard input.")
    @Nullable Path file;
  }

  /**
   * The query, without the semicolon a file ends with; empty if none is given.
   *
   * @param dash whether the command line has {@code -} where the query could stand
   */
  Optional<String> read(CommandSpec spec, Terminal terminal, boolean dash) {
    Given way = given;
    if (way == null) {
      return dash ? Optional.of(standardInput(spec, terminal)) : Optional.empty();
    }
    if (dash) {
      throw new ParameterException(
          spec.commandLine(), "- reads the query from standard input; drop it, or --query, --file");
    }
    if (way.query != null) {
      return Optional.of(checked(spec, way.query, "--query"));
    }
    Path file = way.file;
    if (file == null || file.toString().equals(STANDARD_INPUT)) {
      return Optional.of(standardInput(spec, terminal));
    }
    return Optional.of(checked(spec, contents(spec, file), file.toString()));
  }

  private static String contents(CommandSpec spec, Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ParameterException(spec.commandLine(), file + " does not exist", e);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String standardInput(CommandSpec spec, Terminal terminal) {
    try {
      String text = new String(terminal.in().readAllBytes(), StandardCharsets.UTF_8);
      return checked(spec, text, "standard input");
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(), "cannot read standard input: " + e.getMessage(), e);
    }
  }

  private static String checked(CommandSpec spec, String text, String where) {
    String query = text.stripTrailing();
    while (query.endsWith(";")) {
      query = query.substring(0, query.length() - 1).stripTrailing();
    }
    if (query.isBlank()) {
      throw new ParameterException(spec.commandLine(), where + " holds no query");
    }
    return query;
  }
}
