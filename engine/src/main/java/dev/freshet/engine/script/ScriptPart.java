package dev.freshet.engine.script;

/** A piece of a script, in its order. */
public sealed interface ScriptPart {

  /** Of its first character in the script. */
  int start();

  /**
   * One statement.
   *
   * @param text without the semicolon
   * @param comment what the line comments right above it say; empty if there are none
   */
  record Statement(String text, int start, String comment) implements ScriptPart {}

  /** Something for {@code psql} rather than for the server. */
  record ForPsql(String what, int start) implements ScriptPart {}
}
