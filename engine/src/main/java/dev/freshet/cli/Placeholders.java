package dev.freshet.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * From JDBC's placeholders to PostgreSQL's: {@code ?} becomes {@code $1}, {@code $2}…, and {@code
 * ??} the operator {@code ?}. Question marks in quotes and comments stay.
 */
final class Placeholders {
  private Placeholders() {}

  static String numbered(String sql) {
    StringBuilder text = new StringBuilder();
    int number = 0;
    int at = 0;
    while (at < sql.length()) {
      char c = sql.charAt(at);
      int end = endOfQuoted(sql, at);
      if (end > at) {
        text.append(sql, at, end);
        at = end;
      } else if (c == '?') {
        boolean operator = sql.startsWith("??", at);
        text.append(operator ? "?" : "$" + ++number);
        at += operator ? 2 : 1;
      } else {
        text.append(c);
        at++;
      }
    }
    return text.toString();
  }

  /** Where the quoted text or comment that begins at {@code at} ends; {@code at} if none does. */
  private static int endOfQuoted(String sql, int at) {
    return switch (sql.charAt(at)) {
      case '\'', '"' -> after(sql, String.valueOf(sql.charAt(at)), at + 1);
      case '-' -> sql.startsWith("--", at) ? after(sql, "\n", at) : at;
      case '/' -> sql.startsWith("/*", at) ? after(sql, "*/", at + 2) : at;
      case '$' -> {
        Matcher tag = DOLLAR.matcher(sql).region(at, sql.length());
        yield tag.lookingAt() ? after(sql, tag.group(), tag.end()) : at;
      }
      default -> at;
    };
  }

  private static final Pattern DOLLAR = Pattern.compile("\\$([A-Za-z_][A-Za-z_0-9]*)?\\$");

  private static int after(String sql, String mark, int from) {
    int found = sql.indexOf(mark, from);
    return found < 0 ? sql.length() : found + mark.length();
  }
}
