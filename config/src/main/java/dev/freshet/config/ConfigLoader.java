package dev.freshet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Loads the configuration. In rising priority: libpq's environment and password file, {@code
 * freshet.yaml}, environment variables {@code FRESHET_…}, options of the command line.
 */
public final class ConfigLoader {
  private static final String FILE_NAME = "freshet.yaml";

  /** Those of the file by line; the others after them, as they came. */
  private static final Comparator<ConfigProblem> BY_LINE =
      Comparator.comparingInt(
              (ConfigProblem problem) ->
                  problem.place() instanceof Place.InFile(_, int line, _)
                      ? line
                      : Integer.MAX_VALUE)
          .thenComparingInt(
              problem -> problem.place() instanceof Place.InFile(_, _, int column) ? column : 0);

  /** The folders outside the environment map that the loader looks into. */
  record Folders(Path working, Path home, Path system) {
    static Folders ofProcess() {
      return new Folders(
          Path.of(""), Path.of(System.getProperty("user.home", "")), Path.of("/etc"));
    }
  }

  private final Folders folders;
  private final Map<String, String> environment;
  private final List<ConfigProblem> problems = new ArrayList<>();
  private final List<ConfigProblem> warnings = new ArrayList<>();

  private ConfigLoader(Folders folders, Map<String, String> environment) {
    this.folders = folders;
    this.environment = environment;
  }

  /**
   * Loads with options that were all given as {@code --set key=value}.
   *
   * @param file that must be read; empty: {@code FRESHET_CONFIG}, or the first of {@code
   *     ./freshet.yaml}, {@code $XDG_CONFIG_HOME/freshet/freshet.yaml} and {@code
   *     /etc/freshet/freshet.yaml} that exists, or none
   * @param environment of the process
   * @param options dotted key → value
   * @throws ConfigException with everything that is wrong
   */
  public static LoadedConfig load(
      Optional<Path> file, Map<String, String> environment, Map<String, String> options) {
    return load(
        file,
        environment,
        options.entrySet().stream()
            .map(option -> CommandLineOption.set(option.getKey(), option.getValue()))
            .toList());
  }

  /**
   * Loads with options that know their flags.
   *
   * @see #load(Optional, Map, Map)
   */
  public static LoadedConfig load(
      Optional<Path> file, Map<String, String> environment, List<CommandLineOption> options) {
    return load(Folders.ofProcess(), file, environment, options);
  }

  static LoadedConfig load(
      Folders folders,
      Optional<Path> file,
      Map<String, String> environment,
      List<CommandLineOption> options) {
    return new ConfigLoader(folders, environment).load(file, options);
  }

  /** The defaults and {@code options}, with nothing from the machine. */
  static FreshetConfig loadOnly(List<CommandLineOption> options) {
    ConfigLoader loader = new ConfigLoader(Folders.ofProcess(), Map.of());
    return Assembly.assemble(loader.resolve(FileSource.NONE, options), List.of());
  }

  private LoadedConfig load(Optional<Path> named, List<CommandLineOption> options) {
    Optional<Path> file = named.or(this::find);
    FileSource source =
        file.map(path -> FileSource.read(path, problems::add)).orElse(FileSource.NONE);
    Values values = resolve(source, options);
    file.ifPresent(path -> warnIfPasswordIsOpen(path, source));
    FreshetConfig config = Assembly.assemble(withPasswordFile(values), source.streamTables());
    return new LoadedConfig(config, file, warnings);
  }

  private Values resolve(FileSource source, List<CommandLineOption> options) {
    Resolution resolution = new Resolution(problems::add);
    source.given().forEach(resolution::add);
    EnvironmentSource.read(environment, problems::add).forEach(resolution::add);
    given(options).forEach(resolution::add);
    resolution.addService(serviceFile(), variable("PGSERVICE"));
    resolution.addLibpq(environment);
    Values values = resolution.values();
    if (!problems.isEmpty()) {
      throw new ConfigException(problems.stream().sorted(BY_LINE).toList());
    }
    return values;
  }

  private ServiceFile serviceFile() {
    List<Path> files = new ArrayList<>();
    files.add(
        variable("PGSERVICEFILE")
            .map(Path::of)
            .orElseGet(() -> folders.home.resolve(".pg_service.conf")));
    variable("PGSYSCONFDIR").ifPresent(dir -> files.add(Path.of(dir, "pg_service.conf")));
    return new ServiceFile(files, problems::add);
  }

  private Optional<Path> find() {
    Optional<Path> ofVariable = variable(EnvironmentSource.CONFIG_FILE).map(Path::of);
    Path user = variable("XDG_CONFIG_HOME").map(Path::of).orElse(folders.home.resolve(".config"));
    return ofVariable.or(
        () ->
            Stream.of(
                    folders.working.resolve(FILE_NAME),
                    user.resolve("freshet").resolve(FILE_NAME),
                    folders.system.resolve("freshet").resolve(FILE_NAME))
                .filter(Files::exists)
                .findFirst());
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }

  private List<Given> given(List<CommandLineOption> options) {
    List<Given> given = new ArrayList<>();
    for (CommandLineOption option : options) {
      Place place = new Place.Option(option.flag());
      Optional<Setting<?>> setting = Settings.ofKey(option.key());
      if (setting.isPresent()) {
        given.add(new Given(setting.get(), option.value(), place, Given.Layer.OPTION));
      } else if (option.key().startsWith(Settings.STREAM_TABLES)) {
        problems.add(
            new ConfigProblem(
                place,
                option.key(),
                "",
                "stream tables cannot be given by an option",
                "write them in freshet.yaml, or run freshet create"));
      } else {
        problems.add(UnknownKey.anywhere(place, option.key()));
      }
    }
    return given;
  }

  /** libpq's last resort: the password file, when nobody gave a password. */
  private Values withPasswordFile(Values values) {
    if (values.find(Settings.DATABASE_PASSWORD).isPresent()) {
      return values;
    }
    Path file = variable("PGPASSFILE").map(Path::of).orElse(folders.home.resolve(".pgpass"));
    DatabaseConfig database = Assembly.database(values);
    PasswordFile passwords = new PasswordFile(file, warnings::add);
    return lookup(passwords, database)
        .or(() -> database.direct().flatMap(direct -> lookup(passwords, direct)))
        .map(password -> values.with(Settings.DATABASE_PASSWORD, password))
        .orElse(values);
  }

  private static Optional<Secret> lookup(PasswordFile passwords, DatabaseConfig database) {
    return passwords.lookup(database.host(), database.port(), database.name(), database.user());
  }

  private void warnIfPasswordIsOpen(Path file, FileSource source) {
    source.given().stream()
        .filter(given -> given.setting() == Settings.DATABASE_PASSWORD)
        .filter(_ -> isReadableByAll(file))
        .map(
            given ->
                given.problem(
                    "is in a file that every user of this machine can read",
                    "run: chmod 600 " + file + ", or use password-file or ~/.pgpass"))
        .forEach(warnings::add);
  }

  private static boolean isReadableByAll(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (UnsupportedOperationException | IOException _) {
      return false;
    }
  }
}
