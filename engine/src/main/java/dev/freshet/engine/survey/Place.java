package dev.freshet.engine.survey;

/**
 * Where something stands in a file.
 *
 * @param line from 1
 * @param column in characters, from 1
 */
public record Place(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
