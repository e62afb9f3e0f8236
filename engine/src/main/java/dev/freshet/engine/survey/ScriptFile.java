package dev.freshet.engine.survey;

/**
 * A file of SQL.
 *
 * @param name as it is shown
 * @param judged whether its queries are judged; if not, they only define what others refer to
 */
public record ScriptFile(String name, String text, boolean judged) {

  /** Where the character with index {@code offset} stands. */
  Place place(int offset) {
    int at = Math.clamp(offset, 0, text.length());
    int lineStart = text.lastIndexOf('\n', at - 1) + 1;
    int line = 1 + (int) text.substring(0, lineStart).chars().filter(c -> c == '\n').count();
    return new Place(name, line, 1 + text.codePointCount(lineStart, at));
  }
}
