package dev.freshet.demo;

import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet demo}. */
@Command(
    name = "demo",
    header = "Show six stream tables that follow a live writer, and audit them at the end.",
    description =
        "Starts an embedded PostgreSQL 18 in a temporary directory with a small shop in it; nothing"
            + " stays behind.",
    footer = {
      "",
      "Exit code 0 if every stream table equals its query at the end (AUDIT OK), 1 if not."
    })
public final class DemoCommand implements Callable<Integer> {
  private static final double MAX_RATE = 10_000;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "End after N seconds; default: with Ctrl-C.")
  private Optional<Long> seconds = Optional.empty();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Transactions per second of the writer; default: 50.")
  private double rate = 50;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Port of the embedded PostgreSQL; default: a free one.")
  private int port;

  @Option(names = "--json", description = "Print one JSON object per second, and one at the end.")
  private boolean json;

  @Option(
      names = {"-?", "-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws SQLException {
    check(seconds.orElse(1L) >= 1, "--seconds must be at least 1, not " + seconds.orElse(0L));
    check(
        rate > 0 && rate <= MAX_RATE,
        "--rate is above 0 and at most %.0f, not %s".formatted(MAX_RATE, rate));
    check(port >= 0 && port <= 65_535, "--port lies between 0 and 65535, not " + port);
    return new DemoRun(new DemoRun.DemoOptions(seconds, rate, port, json), Screen.ofProcess())
        .run();
  }

  private void check(boolean holds, String message) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
