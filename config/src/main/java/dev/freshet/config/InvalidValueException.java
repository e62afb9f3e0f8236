package dev.freshet.config;

import java.util.Optional;

/** A text that is no valid value of its type: says what is wrong with it and what to write. */
public final class InvalidValueException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String suggestion;

  InvalidValueException(String message) {
    this(message, "");
  }

  InvalidValueException(String message, String suggestion) {
    super(message);
    this.suggestion = suggestion;
  }

  /** What to write instead, where that can be told. */
  public Optional<String> suggestion() {
    return suggestion.isEmpty() ? Optional.empty() : Optional.of(suggestion);
  }
}
