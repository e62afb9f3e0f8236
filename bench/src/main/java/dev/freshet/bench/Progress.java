package dev.freshet.bench;

import java.io.PrintStream;
import java.time.Duration;

/**
 * Tells on a stream for people what is being measured and how long the rest will take, judged by
 * what is done: (time so far ÷ steps done) × steps left. On a terminal one line is rewritten.
 */
public final class Progress {
  private final PrintStream out;
  private final boolean rewrite;
  private final long startedNanos = System.nanoTime();
  private int steps = 1;
  private int done;

  private Progress(PrintStream out, boolean rewrite) {
    this.out = out;
    this.rewrite = rewrite;
  }

  /**
   * Tells on {@code out}.
   *
   * @param rewrite whether {@code out} is a terminal on which a line can be overwritten
   */
  public static Progress on(PrintStream out, boolean rewrite) {
    return new Progress(out, rewrite);
  }

  /** Says nothing. */
  public static Progress silent() {
    return new Progress(new PrintStream(java.io.OutputStream.nullOutputStream()), false);
  }

  /** Announces how many steps there are in all. */
  public void expect(int all) {
    steps = Math.max(1, all);
  }

  /** Begins a step. */
  public void step(String what) {
    String line = "[%d/%d] %s%s".formatted(Math.min(done + 1, steps), steps, what, left());
    out.print(rewrite ? "\r\u001b[2K" + line : line + System.lineSeparator());
    out.flush();
    done++;
  }

  /** Ends the line that is being rewritten. */
  public void end() {
    if (rewrite) {
      out.print("\r\u001b[2K");
    }
    out.flush();
  }

  private String left() {
    if (done == 0) {
      return "";
    }
    double perStep = (System.nanoTime() - startedNanos) / (double) done;
    return " · about " + inWords(Duration.ofNanos((long) (perStep * (steps - done)))) + " left";
  }

  static String inWords(Duration duration) {
    long seconds = Math.max(1, Math.round(duration.toMillis() / 1000.0));
    return seconds < 100 ? seconds + " s" : Math.round(seconds / 60.0) + " min";
  }
}
