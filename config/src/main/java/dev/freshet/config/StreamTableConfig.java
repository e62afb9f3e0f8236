package dev.freshet.config;

/**
 * A stream table declared in the configuration.
 *
 * @param query the defining query, as written or read from its file
 * @param overrides what this stream table sets differently from {@link FreshetConfig#refresh()}
 */
public record StreamTableConfig(TableName name, String query, RefreshOverrides overrides) {
  public StreamTableConfig {
    if (query.isBlank()) {
      throw new IllegalArgumentException("stream table " + name + " has no query");
    }
  }
}
