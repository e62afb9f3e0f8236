package dev.freshet.cdc.server;

import java.util.List;

/**
 * Something that was checked and found wanting.
 *
 * @param problem what is wrong, where, and the value found
 * @param consequence what it leads to
 * @param remedy SQL or settings, one per line, that a person with the right runs
 */
public record Finding(String problem, String consequence, List<String> remedy) {
  public Finding {
    remedy = List.copyOf(remedy);
  }

  @Override
  public String toString() {
    return problem + ": " + consequence + ". Remedy: " + String.join(" ", remedy);
  }
}
