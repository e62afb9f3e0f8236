package dev.freshet.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine of its own for the loader: folders, environment and options that a test chooses. */
final class Loading {
  final Path working;
  final Path home;
  final Path system;
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final List<CommandLineOption> options = new ArrayList<>();

  Loading(Path root) {
    working = folder(root.resolve("working"));
    home = folder(root.resolve("home"));
    system = folder(root.resolve("etc"));
  }

  private static Path folder(Path path) {
    try {
      return Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes {@code freshet.yaml} into the working folder. */
  Loading yaml(String text) {
    write(working.resolve("freshet.yaml"), text);
    return this;
  }

  Path write(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Loading env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  Loading set(String key, String value) {
    return option("--set " + key, key, value);
  }

  Loading option(String flag, String key, String value) {
    options.add(new CommandLineOption(flag, key, value));
    return this;
  }

  LoadedConfig loaded() {
    return loaded(Optional.empty());
  }

  LoadedConfig loaded(Optional<Path> file) {
    ConfigLoader.Folders folders = new ConfigLoader.Folders(working, home, system);
    return ConfigLoader.load(folders, file, environment, options);
  }

  FreshetConfig config() {
    return loaded().config();
  }

  /** The problems as a person reads them, without the folder's changing name. */
  List<String> problems() {
    return problems(Optional.empty());
  }

  List<String> problems(Optional<Path> file) {
    try {
      loaded(file);
      return List.of();
    } catch (ConfigException e) {
      return texts(e.problems());
    }
  }

  List<String> warnings() {
    return texts(loaded().warnings());
  }

  private List<String> texts(List<ConfigProblem> problems) {
    return problems.stream()
        .map(problem -> problem.toString().replace(working + "/", "").replace(home + "/", "~/"))
        .toList();
  }
}
