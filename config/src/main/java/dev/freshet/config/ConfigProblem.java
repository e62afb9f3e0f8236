package dev.freshet.config;

/**
 * One mistake in the configuration.
 *
 * @param place where it was written
 * @param key the dotted key, {@code cdc.slot-name}; empty where it concerns no key
 * @param value what was written, secrets masked; empty where there is no value
 * @param message what is wrong, readable after "key = value"
 * @param suggestion what to do about it; empty where nothing better than the message can be said
 */
public record ConfigProblem(
    Place place, String key, String value, String message, String suggestion) {

  /** The problem as indented lines for a terminal: place and value, what is wrong, what to do. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(place);
    if (!key.isEmpty()) {
      text.append(": ").append(key);
      if (!value.isEmpty()) {
        text.append(" = ").append(value);
      }
    }
    text.append("\n  ").append(message);
    if (!suggestion.isEmpty()) {
      text.append("\n  → ").append(suggestion);
    }
    return text.toString();
  }
}
