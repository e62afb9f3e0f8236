package dev.freshet.engine.refresh;

/** What is done after an attempt that was given up, whatever would be decided otherwise. */
sealed interface Instead {
  String reason();

  record Full(String reason) implements Instead {}

  record Incremental(String reason) implements Instead {}
}
