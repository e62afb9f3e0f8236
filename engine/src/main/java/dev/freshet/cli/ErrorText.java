package dev.freshet.cli;

import dev.freshet.engine.FreshetException;
import java.util.Optional;

/**
 * An error as a person reads it.
 *
 * <pre>
 * error: column "amout" does not exist
 * LINE 1: SELECT sum(amout) FROM orders
 *                    ^
 * hint: Perhaps you meant to reference the column "orders.amount".
 * </pre>
 *
 * <p>The excerpt is the one of {@code psql} (libpq, {@code reportErrorPosition}): the line of the
 * query in which the error is, cut to a window around it where the line is long.
 */
final class ErrorText {
  private static final int WINDOW = 60;
  private static final int ROOM_AFTER = 20;

  private ErrorText() {}

  /**
   * @param query the text that the position counts in, if there is one
   * @param remedy shown in place of the exception's own
   */
  static String of(FreshetException e, Optional<String> query, String remedy, Styles styles) {
    String excerpt =
        query.isPresent() && e.position().isPresent()
            ? excerpt(query.get(), e.position().get())
            : "";
    return of(String.valueOf(e.getMessage()), excerpt, remedy, styles);
  }

  /** An error without a position; an empty {@code remedy} is left out. */
  static String of(String message, String remedy, Styles styles) {
    return of(message, "", remedy, styles);
  }

  private static String of(String message, String excerpt, String remedy, Styles styles) {
    StringBuilder text = new StringBuilder();
    text.append(styles.bad("error:")).append(' ').append(message.strip()).append('\n');
    text.append(excerpt);
    if (!remedy.isBlank()) {
      text.append(styles.strong("hint:")).append(' ').append(remedy.strip()).append('\n');
    }
    return text.toString();
  }

  /** The line of {@code query} with its character {@code position} (from 1), and a caret. */
  static String excerpt(String query, int position) {
    int length = query.codePointCount(0, query.length());
    int at = query.offsetByCodePoints(0, Math.clamp(position - 1L, 0, length));
    int start = query.lastIndexOf('\n', at - 1) + 1;
    int end = query.indexOf('\n', at);
    String line = query.substring(start, end < 0 ? query.length() : end).stripTrailing();
    int column = Math.min(at - start, line.length());
    long number = query.substring(0, start).chars().filter(c -> c == '\n').count() + 1;

    int from = 0;
    int to = line.length();
    if (to > WINDOW) {
      to = Math.min(to, Math.max(WINDOW, column + ROOM_AFTER));
      from = Math.max(0, to - WINDOW);
    }
    String before = (from > 0 ? "..." : "") + line.substring(from, Math.max(from, column));
    String after = line.substring(Math.max(from, column), to) + (to < line.length() ? "..." : "");
    String label = "LINE " + number + ": ";
    String shown = before.replace('\t', ' ');
    int indent = label.length() + shown.codePointCount(0, shown.length());
    return label + shown + after.replace('\t', ' ') + "\n" + " ".repeat(indent) + "^\n";
  }
}
