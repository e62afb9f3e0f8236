package dev.freshet.config;

import java.util.List;

/** The whole configuration, checked and complete. */
public record FreshetConfig(
    DatabaseConfig database,
    CdcConfig cdc,
    RefreshSettings refresh,
    EngineConfig engine,
    List<StreamTableConfig> streamTables) {

  public FreshetConfig {
    streamTables = List.copyOf(streamTables);
  }

  /** What holds where nothing is configured, on the machine and for the user that ask. */
  public static FreshetConfig defaults() {
    return Assembly.assemble(Values.none(), List.of());
  }

  /** The settings in force for {@code streamTable}. */
  public RefreshSettings settingsOf(StreamTableConfig streamTable) {
    return streamTable.overrides().applyTo(refresh);
  }
}
