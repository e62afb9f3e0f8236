package dev.freshet.config;

/**
 * A stream table declared in the configuration.
 *
 * @param query the defining query, as written or read from its file
 * @param overrides what this stream table sets differently from {@link FreshetConfig#refresh()}
 * @param place where its query, or the name of its query's file, was written
 */
public record StreamTableConfig(
    TableName name, String query, RefreshOverrides overrides, Place place) {
  public StreamTableConfig {
    if (query.isBlank()) {
      throw new IllegalArgumentException("stream table " + name + " has no query");
    }
  }

  /** The file that declares it, absolute; empty if it comes from nowhere else but the program. */
  public String file() {
    return place instanceof Place.InFile(var file, _, _) ? file.toAbsolutePath().toString() : "";
  }
}
