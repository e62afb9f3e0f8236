package dev.freshet.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@link ConfigLoader} found.
 *
 * @param file that was read; empty where there is none, which is no mistake
 * @param warnings what the user should know, although the configuration can be used: such as a
 *     password file that everybody can read and is therefore ignored
 */
public record LoadedConfig(
    FreshetConfig config, Optional<Path> file, List<ConfigProblem> warnings) {
  public LoadedConfig {
    warnings = List.copyOf(warnings);
  }
}
