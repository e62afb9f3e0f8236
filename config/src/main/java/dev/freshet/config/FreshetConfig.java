package dev.freshet.config;

import java.util.List;
import java.util.Map;

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

  /**
   * The defaults with {@code settings} in their place, and nothing from files or the environment:
   * for programs that know what they serve, such as the demo.
   *
   * @param settings dotted key → value, as on the command line
   * @throws ConfigException with every key that is unknown and every value that is not valid
   */
  public static FreshetConfig of(Map<String, String> settings) {
    return ConfigLoader.loadOnly(
        settings.entrySet().stream()
            .map(setting -> CommandLineOption.set(setting.getKey(), setting.getValue()))
            .toList());
  }

  /** The same with another way of capturing changes. */
  public FreshetConfig with(CdcMode mode) {
    return new FreshetConfig(database, cdc.with(mode), refresh, engine, streamTables);
  }

  /** The settings in force for {@code streamTable}. */
  public RefreshSettings settingsOf(StreamTableConfig streamTable) {
    return streamTable.overrides().applyTo(refresh);
  }
}
