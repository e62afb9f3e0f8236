package dev.freshet.cli;

import java.io.Console;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a command reads and writes: the process's streams, or a test's.
 *
 * @param environment variables as the process sees them
 * @param styles colours, or none
 */
public record Terminal(
    PrintWriter out,
    PrintWriter err,
    InputStream in,
    Map<String, String> environment,
    Styles styles) {

  /** The terminal of this process. Colours only where a person looks on, unless NO_COLOR is set. */
  public static Terminal ofProcess() {
    Map<String, String> environment = System.getenv();
    Console console = System.console();
    boolean looking = console != null && console.isTerminal();
    return new Terminal(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        System.in,
        environment,
        Styles.fitting(looking, environment));
  }
}
