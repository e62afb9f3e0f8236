package dev.freshet.config;

import java.util.Locale;

/** A value out of a few named ones; written in lower case with hyphens. */
public interface Choice {
  /** The constant's Java name, which the enum has anyway. */
  String name();

  /** As it is written in the configuration: {@code VERIFY_FULL} is {@code verify-full}. */
  default String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
