package dev.freshet.engine.refresh;

import java.util.Optional;

/**
 * The catalog's frontier is not the one in memory: another engine refreshed this stream table, or
 * somebody restored the catalog. Nothing was written.
 */
public final class FrontierMovedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Maintained table;

  FrontierMovedException(Maintained table, String expected, Optional<String> found) {
    super(
        "frontier of %s is %s in the catalog, %s in memory"
            .formatted(table.displayName(), found.orElse("missing"), expected));
    this.table = table;
  }

  /** Whose frontier it is. */
  public Maintained table() {
    return table;
  }
}
