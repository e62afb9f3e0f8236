package dev.freshet.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings of one stream table that are asked for most; {@code --set} gives the others. */
final class StreamTableOptions {
  @Option(
      names = "--schedule",
      paramLabel = "WHEN",
      description = "Interval (1s, 5m), cron (\"*/5 * * * *\"), continuous, calculated, or manual.")
  @Nullable String schedule;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description = "auto, incremental (refuse other queries), or full.")
  @Nullable String mode;

  /** These and those of {@code --set} without a dot, by key. */
  Map<String, String> settings(ConfigOptions options) {
    Map<String, String> settings = new LinkedHashMap<>(options.streamTableSettings());
    if (schedule != null) {
      settings.put("schedule", schedule);
    }
    if (mode != null) {
      settings.put("mode", mode);
    }
    return settings;
  }
}
