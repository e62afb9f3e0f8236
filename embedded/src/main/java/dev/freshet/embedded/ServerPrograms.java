package dev.freshet.embedded;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs the programs of a PostgreSQL installation. {@code initdb} and {@code postgres} refuse to run
 * as root; there they run in a user namespace of their own ({@code unshare --user}), in which the
 * same files belong to the same, now unprivileged, user.
 *
 * @param home the installation: {@code bin}, {@code lib}, {@code share}
 */
record ServerPrograms(Path home) {

  private static final long TOOL_TIMEOUT_SECONDS = 120;

  /**
   * Starts {@code postgres} as a child of this process; its process id is the postmaster's. It gets
   * a session of its own, or Ctrl-C in the terminal would stop it before its owner has finished.
   */
  Process startServer(Path dataDirectory, Path log) throws IOException {
    List<String> ownSession =
        System.getProperty("os.name").startsWith("Linux")
            ? List.of("setsid")
            : List.of("perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV");
    ProcessBuilder builder =
        builder(ownSession, List.of("postgres", "-D", dataDirectory.toString()))
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return builder.start();
  }

  /**
   * Runs a program to its end and returns what it printed.
   *
   * @throws IOException when it fails or takes longer than two minutes; the message has its output
   */
  String run(List<String> command) throws IOException {
    Process process = builder(List.of(), command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    try {
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (!process.waitFor(TOOL_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(
            "%s has not ended after %d s".formatted(command, TOOL_TIMEOUT_SECONDS));
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            "%s failed with exit code %d: %s%s"
                .formatted(command, process.exitValue(), output, hint(output)));
      }
      return output;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while waiting for " + command, e);
    }
  }

  /** Sends a signal ({@code TERM}, {@code INT}, {@code QUIT}) to the postmaster. */
  void signal(String signal, long pid) throws IOException {
    run(List.of("pg_ctl", "kill", signal, Long.toString(pid)));
  }

  private ProcessBuilder builder(List<String> wrapper, List<String> command) {
    List<String> full = new ArrayList<>(wrapper);
    if (isRoot()) {
      full.addAll(List.of("unshare", "--user"));
    }
    full.add(home.resolve("bin").resolve(command.getFirst()).toString());
    full.addAll(command.subList(1, command.size()));
    ProcessBuilder builder = new ProcessBuilder(full);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("TZ", "UTC");
    return builder;
  }

  /** What to do about an output that is known to puzzle, or nothing. */
  private static String hint(String output) {
    return isRoot() && output.contains("unshare")
        ? """


        PostgreSQL refuses to run as root, and this system does not let root make a user namespace \
        (unshare --user). Run as an ordinary user, or allow user namespaces.\
        """
        : "";
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }
}
