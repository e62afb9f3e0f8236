package dev.freshet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides among the sources. Every value that was given is checked, also one that a higher source
 * overrides; then each key has the value of its highest source.
 */
final class Resolution {
  /** Read by the driver when it connects; checked here, where their places are known. */
  private static final List<Setting<Path>> DRIVER_FILES =
      List.of(
          Settings.DATABASE_SSL_ROOT_CERT, Settings.DATABASE_SSL_CERT, Settings.DATABASE_SSL_KEY);

  private final Consumer<ConfigProblem> problems;
  private final Map<Setting<?>, Given> winners = new LinkedHashMap<>();
  private Values values = Values.none();

  Resolution(Consumer<ConfigProblem> problems) {
    this.problems = problems;
  }

  /**
   * Takes {@code given} into account; connection URLs count as their parts. The sources come in
   * rising priority.
   */
  void add(Given given) {
    if (given.setting() == Settings.DATABASE_URL) {
      addParts(given);
    } else {
      addOne(given.located());
    }
  }

  private void addParts(Given given) {
    Values url = given.setting().read(Values.none(), given.text(), given.place(), problems);
    url.find(Settings.DATABASE_URL).map(ConnectionUrl::parts).orElse(Map.of()).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            part ->
                Settings.ofKey(part.getKey())
                    .ifPresent(setting -> addOne(given.part(setting, part.getValue()).located())));
  }

  private void addOne(Given given) {
    Values read = given.setting().read(values, given.text(), given.place(), problems);
    Given other = winners.get(given.setting());
    if (other != null && other.layer() == given.layer()) {
      problems.accept(given.problem("is set twice, also by " + other.place(), "keep one of them"));
    } else if (other == null || other.layer().compareTo(given.layer()) < 0) {
      winners.put(given.setting(), given);
      values = read;
    }
  }

  /** Fills what nobody set from a section of libpq's service file. */
  void addService(ServiceFile file, Optional<String> variable) {
    Optional<Given> named = winner(Settings.DATABASE_SERVICE);
    Optional<String> service = named.map(Given::text).or(() -> variable);
    if (service.isPresent()) {
      Place place = named.map(Given::place).orElseGet(() -> new Place.Variable("PGSERVICE"));
      for (Given given : file.read(service.get(), place)) {
        if (!winners.containsKey(given.setting())) {
          addOne(given.located());
        }
      }
    }
  }

  /** Fills what nobody set from libpq's own variables. */
  void addLibpq(Map<String, String> environment) {
    for (Setting<?> setting : Settings.ALL) {
      boolean open =
          !winners.containsKey(setting)
              && !(setting == Settings.DATABASE_PASSWORD
                  && winners.containsKey(Settings.DATABASE_PASSWORD_FILE));
      Optional<String> variable = setting.libpqVariable().filter(environment::containsKey);
      if (open && variable.isPresent()) {
        String text = environment.getOrDefault(variable.get(), "");
        if (!text.isEmpty()) {
          Place place = new Place.Variable(variable.get());
          addOne(new Given(setting, text, place, Given.Layer.LIBPQ));
        }
      }
    }
  }

  Optional<Given> winner(Setting<?> setting) {
    return Optional.ofNullable(winners.get(setting));
  }

  /** The values in force, as far as they are valid, after the checks that concern several keys. */
  Values values() {
    checkFiles();
    checkBuffer();
    checkDirectUrl();
    return withPassword();
  }

  private void checkFiles() {
    for (Setting<Path> file : DRIVER_FILES) {
      values
          .find(file)
          .filter(path -> !Files.isReadable(path))
          .flatMap(_ -> winner(file))
          .map(given -> given.problem("cannot be read", "name a file that exists"))
          .ifPresent(problems);
    }
  }

  private void checkBuffer() {
    DataSize all = values.get(Settings.CDC_BUFFER_MAX_MEMORY);
    values
        .find(Settings.CDC_BUFFER_MAX_TRANSACTION_MEMORY)
        .filter(one -> one.compareTo(all) > 0)
        .flatMap(_ -> winner(Settings.CDC_BUFFER_MAX_TRANSACTION_MEMORY))
        .ifPresent(
            given ->
                problems.accept(
                    given.problem(
                        "is more than cdc.buffer.max-memory, which is " + all,
                        "write at most " + all)));
  }

  /** Its parts are values of other keys, but it is this one that somebody wrote. */
  private void checkDirectUrl() {
    Optional<Given> given = winner(Settings.DATABASE_DIRECT_URL);
    Optional<ConnectionUrl> url = values.find(Settings.DATABASE_DIRECT_URL);
    if (given.isEmpty() || url.isEmpty()) {
      return;
    }
    if (!url.get().parts().containsKey(Settings.DATABASE_HOST.key())) {
      problems.accept(given.get().problem("names no host", "write postgresql://db.example.com"));
    }
    url.get()
        .over(
            values,
            given.get().place(),
            problem ->
                problems.accept(
                    new ConfigProblem(
                        problem.place(),
                        Settings.DATABASE_DIRECT_URL.key(),
                        problem.value(),
                        problem.message(),
                        problem.suggestion())));
  }

  /** The password itself, also where it is in a file. */
  private Values withPassword() {
    Optional<Given> direct = winner(Settings.DATABASE_PASSWORD);
    Optional<Given> inFile = winner(Settings.DATABASE_PASSWORD_FILE);
    if (inFile.isEmpty()) {
      return values;
    }
    int order = direct.map(given -> given.layer().compareTo(inFile.get().layer())).orElse(-1);
    if (order == 0) {
      problems.accept(
          inFile
              .get()
              .problem("stands beside a password, at " + direct.get().place(), "keep one of them"));
    }
    return order < 0 ? readPassword(inFile.get()) : values;
  }

  private Values readPassword(Given file) {
    Optional<Path> path = values.find(Settings.DATABASE_PASSWORD_FILE);
    if (path.isEmpty()) {
      return values;
    }
    List<String> lines = new ArrayList<>();
    try {
      lines.addAll(Files.readAllLines(path.get()));
    } catch (IOException e) {
      problems.accept(
          file.problem("cannot be read: " + Reading.failure(e), "name a file with the password"));
      return values;
    }
    if (lines.isEmpty() || lines.getFirst().isEmpty()) {
      problems.accept(file.problem("has no password in its first line", "write it there"));
      return values;
    }
    return values.with(Settings.DATABASE_PASSWORD, Secret.of(lines.getFirst()));
  }
}
