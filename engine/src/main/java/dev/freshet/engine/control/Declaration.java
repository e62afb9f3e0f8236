package dev.freshet.engine.control;

import java.util.Map;

/**
 * A stream table as a file declares it.
 *
 * @param settings all that it sets for itself, by key
 * @param file that declares it
 * @param place of its query there, for messages: {@code freshet.yaml:12:12}
 */
public record Declaration(
    String name, String query, Map<String, String> settings, String file, String place) {
  public Declaration {
    settings = Map.copyOf(settings);
  }
}
