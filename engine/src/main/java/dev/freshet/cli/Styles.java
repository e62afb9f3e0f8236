package dev.freshet.cli;

import java.util.Map;

/**
 * Colours by meaning (ECMA-48, "Select Graphic Rendition"), or none: see <a
 * href="https://no-color.org">no-color.org</a>.
 */
public enum Styles {
  PLAIN,
  COLOURED;

  static Styles fitting(boolean terminal, Map<String, String> environment) {
    boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean dumb = environment.getOrDefault("TERM", "").equals("dumb");
    return terminal && !refused && !dumb ? COLOURED : PLAIN;
  }

  public String good(String text) {
    return sgr("32", text);
  }

  public String warning(String text) {
    return sgr("33", text);
  }

  public String bad(String text) {
    return sgr("1;31", text);
  }

  public String strong(String text) {
    return sgr("1", text);
  }

  public String faint(String text) {
    return sgr("2", text);
  }

  private String sgr(String code, String text) {
    return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
  }
}
