package dev.freshet.demo;

import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A block of lines that is redrawn in place on a terminal (ECMA-48 control sequences), below what
 * was printed before; its last state stays when something else is printed.
 */
final class Screen {
  private static final int DEFAULT_WIDTH = 100;
  private static final int MIN_WIDTH = 80;
  private static final int MAX_WIDTH = 120;
  private static final String CLEAR_LINE = "\u001b[2K";
  private static final String BOLD = "\u001b[1m";
  private static final String DIM = "\u001b[2m";
  private static final String GREEN = "\u001b[32m";
  private static final String RESET = "\u001b[0m";

  private final PrintStream out;
  private final boolean terminal;
  private final boolean colours;
  private int drawn;

  Screen(PrintStream out, boolean terminal, boolean colours) {
    this.out = out;
    this.terminal = terminal;
    this.colours = colours;
  }

  /** The terminal of this process, or a plain stream where there is none. */
  @SuppressWarnings("SystemConsoleNull") // It is null again in 25 where nothing is interactive.
  static Screen ofProcess() {
    Console console = System.console();
    boolean terminal = console != null && console.isTerminal();
    String dumb = System.getenv("TERM");
    boolean capable = terminal && !"dumb".equals(dumb);
    return new Screen(System.out, capable, capable && System.getenv("NO_COLOR") == null);
  }

  /** Whether lines can be redrawn. */
  boolean isTerminal() {
    return terminal;
  }

  /** Columns to use, 80 to 120. */
  int width() {
    return Math.clamp(terminal ? terminalWidth() : DEFAULT_WIDTH, MIN_WIDTH, MAX_WIDTH);
  }

  /** Draws the block, over the one drawn before. */
  void redraw(List<String> lines) {
    StringBuilder text = new StringBuilder();
    if (drawn > 0) {
      text.append("\u001b[").append(drawn).append('A');
    }
    for (String line : lines) {
      text.append(CLEAR_LINE).append(line).append('\n');
    }
    for (int i = lines.size(); i < drawn; i++) {
      text.append(CLEAR_LINE).append('\n');
    }
    drawn = Math.max(drawn, lines.size());
    out.print(text);
    out.flush();
  }

  /** Prints below whatever is there. */
  void println(String line) {
    out.println(line);
    out.flush();
    drawn = 0;
  }

  String bold(String text) {
    return styled(BOLD, text);
  }

  String dim(String text) {
    return styled(DIM, text);
  }

  String green(String text) {
    return styled(GREEN, text);
  }

  private String styled(String style, String text) {
    return colours ? style + text + RESET : text;
  }

  /** {@code text} without what does not fit in {@code width} columns; no styles in it. */
  static String fit(String text, int width) {
    return text.length() <= width ? text : text.substring(0, Math.max(0, width - 1)) + "…";
  }

  private static int terminalWidth() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size").redirectInput(ProcessBuilder.Redirect.INHERIT).start();
      String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
        return Integer.parseInt(size.strip().split(" ", -1)[1]);
      }
    } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException _) {
      return DEFAULT_WIDTH;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return DEFAULT_WIDTH;
  }
}
