package dev.freshet.config;

import java.util.Objects;

/**
 * A text that must not be shown. {@link #toString()} is a mask, so that a record, a log line or a
 * problem that carries a secret does not give it away; {@link #reveal()} is for the driver alone.
 */
public final class Secret {
  static final String MASK = "****";

  private final String text;

  private Secret(String text) {
    this.text = Objects.requireNonNull(text);
  }

  public static Secret of(String text) {
    return new Secret(text);
  }

  /** The secret itself. Hand it to the server and nowhere else. */
  public String reveal() {
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && text.equals(secret.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return MASK;
  }
}
