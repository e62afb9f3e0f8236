package dev.freshet.bench;

import dev.freshet.bench.report.BenchReport;
import dev.freshet.bench.report.ReportFiles;
import dev.freshet.bench.server.BenchServer;
import dev.freshet.cli.ExitCode;
import java.io.Console;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every benchmark understands, and how one is run: server, report, files, exit code. */
public final class BenchOptions {
  @Option(
      names = "--quick",
      description = "End within a minute: smaller, fewer cycles, less precise.")
  private boolean quick;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result as JSON, one object per line.")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--markdown",
      paramLabel = "FILE",
      description = "Write the result as a section of this Markdown file; other sections stay.")
  private Optional<Path> markdown = Optional.empty();

  @Option(names = "--svg", paramLabel = "FILE", description = "Draw the result.")
  private Optional<Path> svg = Optional.empty();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description =
          "Measure on this server, in a database made for it, instead of an embedded"
              + " PostgreSQL 18. The role needs CREATEDB and REPLICATION.")
  private Optional<String> url = Optional.empty();

  @Option(names = "--seed", paramLabel = "N", description = "Of everything random; default: 1.")
  private long seed = 1;

  @Option(
      names = {"-?", "-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  public boolean quick() {
    return quick;
  }

  /** A wrong use of the command line, shown with the command's usage. */
  public ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /**
   * What {@code --synchronous-commit} asks for.
   *
   * @param text {@code on}, {@code off}, {@code both}, or empty for the default: both, and on in a
   *     quick run
   */
  public List<String> synchronousCommit(String text) {
    return switch (text) {
      case "" -> quick ? List.of("on") : List.of("off", "on");
      case "both" -> List.of("off", "on");
      case "on", "off" -> List.of(text);
      default -> throw usage("--synchronous-commit is on, off or both, not " + text);
    };
  }

  /** {@code parse}, whose complaints name the option. */
  public <T> Function<String, T> checked(String option, Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw usage(option + ": " + e.getMessage());
      }
    };
  }

  /**
   * Runs a benchmark and reports it.
   *
   * @return {@link ExitCode#OK} even where a target is missed, {@link ExitCode#PROBLEM} where a
   *     result was wrong
   */
  public int run(Benchmark benchmark) throws SQLException {
    Progress progress = Progress.on(System.err, isTerminal());
    Map<String, String> settings = new HashMap<>(BenchRun.SERVER_SETTINGS);
    settings.putAll(benchmark.serverSettings());
    BenchReport report;
    try (BenchServer server =
        url.map(BenchServer::at).orElseGet(() -> BenchServer.startEmbedded(settings, 0))) {
      report = benchmark.run(new BenchRun(server, seed, quick, Instant.now(), progress));
    } finally {
      progress.end();
    }
    ReportFiles.print(report, System.out);
    json.ifPresent(file -> ReportFiles.writeJson(report, file));
    Optional<Path> drawn = svg.filter(file -> ReportFiles.writeSvg(report, file));
    markdown.ifPresent(file -> ReportFiles.writeMarkdown(report, file, drawn));
    return report.faults().isEmpty() ? ExitCode.OK : ExitCode.PROBLEM;
  }

  @SuppressWarnings("SystemConsoleNull") // It is null again in 25 where nothing is interactive.
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }
}
