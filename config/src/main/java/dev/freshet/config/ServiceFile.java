package dev.freshet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * libpq's connection service file (PostgreSQL manual, "The Connection Service File"): sections
 * {@code [name]} of lines {@code parameter=value}, {@code #} begins a comment. The first file that
 * has the service counts.
 *
 * @param files in the order in which they are looked into; those that do not exist have no service
 */
record ServiceFile(List<Path> files, Consumer<ConfigProblem> problems) {
  ServiceFile {
    files = List.copyOf(files);
  }

  /**
   * What a service sets, as if libpq's variables did.
   *
   * @param place where the service was named
   */
  List<Given> read(String service, Place place) {
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        Optional<List<Given>> found = section(file, service);
        if (found.isPresent()) {
          return found.get();
        }
      }
    }
    problems.accept(
        new ConfigProblem(
            place,
            "database.service",
            service,
            "is in no service file",
            "write a section [%s] into %s".formatted(service, files.getFirst())));
    return List.of();
  }

  private Optional<List<Given>> section(Path file, String service) {
    List<Given> given = new ArrayList<>();
    boolean inside = false;
    boolean found = false;
    try {
      int number = 0;
      for (String raw : Files.readAllLines(file)) {
        number++;
        String line = raw.strip();
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        if (line.startsWith("[")) {
          inside = line.equals("[" + service + "]");
          found |= inside;
        } else if (inside) {
          add(given, line, new Place.InFile(file, number, 1));
        }
      }
    } catch (IOException e) {
      problems.accept(
          new ConfigProblem(
              new Place.WholeFile(file),
              "",
              "",
              "cannot be read: " + Reading.failure(e),
              "make it readable"));
      return Optional.of(List.of());
    }
    return found ? Optional.of(given) : Optional.empty();
  }

  private void add(List<Given> given, String line, Place place) {
    int equals = line.indexOf('=');
    String parameter = equals < 0 ? line : line.substring(0, equals).strip();
    Optional<Setting<?>> setting = ConnectionUrl.key(parameter).flatMap(Settings::ofKey);
    if (equals < 0 || setting.isEmpty()) {
      problems.accept(
          new ConfigProblem(
              place,
              "",
              "",
              "has the parameter \"" + parameter + "\", which Freshet does not know",
              "make a service of its own for Freshet, without it"));
      return;
    }
    String value = line.substring(equals + 1).strip();
    boolean seconds = setting.get() == Settings.DATABASE_CONNECT_TIMEOUT && value.matches("\\d+");
    given.add(new Given(setting.get(), seconds ? value + "s" : value, place, Given.Layer.LIBPQ));
  }
}
