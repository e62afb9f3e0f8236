package dev.freshet.cli;

import dev.freshet.config.CommandLineOption;
import dev.freshet.config.ConfigLoader;
import dev.freshet.config.ConfigProblem;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.LoadedConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Where the configuration comes from, and the connection as {@code psql} lets one name it. Accepted
 * before the command's name and after it; what stands after wins.
 *
 * <p>A picocli mixin: {@code @Mixin ConfigOptions config}.
 */
public final class ConfigOptions {
  static final String MIXIN = "config";

  @ArgGroup(validate = false, heading = "%nConnection:%n", order = 10)
  private Connection connection = new Connection();

  @ArgGroup(validate = false, heading = "%nConfiguration:%n", order = 20)
  private General general = new General();

  /** The options of {@code psql}. */
  static final class Connection {
    @Option(
        names = {"-h", "--host"},
        paramLabel = "HOST",
        description = "Name or address of the server.")
    @Nullable String host;

    @Option(
        names = {"-p", "--port"},
        paramLabel = "PORT",
        description = "TCP port of the server.")
    @Nullable String port;

    @Option(
        names = {"-d", "--database", "--dbname"},
        paramLabel = "NAME",
        description = "Database to serve, or all of the connection as postgresql://…")
    @Nullable String database;

    @Option(
        names = {"-U", "--user", "--username"},
        paramLabel = "ROLE",
        description = "Role to connect as. Its password: PGPASSWORD or ~/.pgpass.")
    @Nullable String user;
  }

  /** Everything else. */
  static final class General {
    @Option(
        names = {"-c", "--config"},
        paramLabel = "FILE",
        description =
            "Configuration file. Default: $FRESHET_CONFIG, then freshet.yaml here, in"
                + " ~/.config/freshet or in /etc/freshet.")
    @Nullable Path file;

    @Option(
        names = "--set",
        paramLabel = "KEY=VALUE",
        mapFallbackValue = "",
        description = "Any key of the configuration, such as cdc.slot-name=fresh. Repeatable.")
    Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--debug", description = "With an error, show the stack trace too.")
    boolean debug;

    @Option(
        names = {"-?", "--help"},
        usageHelp = true,
        description = "Show this help.")
    boolean help;
  }

  boolean debug() {
    return general.debug;
  }

  /**
   * Whether the command line says where the database is, by an option of the connection or by a
   * configuration file; what the environment says does not count.
   */
  boolean nameDatabase(CommandSpec spec) {
    return namesDatabase() || ofRoot(spec).filter(ConfigOptions::namesDatabase).isPresent();
  }

  private boolean namesDatabase() {
    return connection.host != null
        || connection.port != null
        || connection.database != null
        || connection.user != null
        || general.file != null
        || general.settings.keySet().stream().anyMatch(key -> key.startsWith("database."));
  }

  /** Those of {@code --set} whose key has no dot: settings of one stream table. */
  Map<String, String> streamTableSettings() {
    Map<String, String> undotted = new LinkedHashMap<>();
    general.settings.forEach(
        (key, value) -> {
          if (isStreamTableSetting(key)) {
            undotted.put(key, value);
          }
        });
    return undotted;
  }

  private static boolean isStreamTableSetting(String key) {
    return key.indexOf('.') < 0;
  }

  /**
   * The configuration in force for the command {@code spec}, warnings printed.
   *
   * @throws dev.freshet.config.ConfigException with everything that is wrong
   */
  public FreshetConfig load(CommandSpec spec, Terminal terminal) {
    return load(spec, terminal, Optional.empty(), false).config();
  }

  /** The same for a command whose undotted {@code --set} are of a stream table. */
  FreshetConfig loadBesideStreamTable(CommandSpec spec, Terminal terminal) {
    return load(spec, terminal, Optional.empty(), true).config();
  }

  /**
   * The configuration and where it came from.
   *
   * @param given the file that the command itself was given; then {@code --config} must not be
   */
  LoadedConfig loadWithFile(CommandSpec spec, Terminal terminal, Optional<Path> given) {
    if (given.isPresent() && general.file != null) {
      throw new ParameterException(spec.commandLine(), "Give FILE or --config, not both");
    }
    return load(spec, terminal, given, false);
  }

  private LoadedConfig load(
      CommandSpec spec, Terminal terminal, Optional<Path> given, boolean undottedApart) {
    List<CommandLineOption> options = new ArrayList<>();
    Optional<Path> file = given.or(() -> Optional.ofNullable(general.file));
    Optional<ConfigOptions> outer = ofRoot(spec);
    if (outer.isPresent() && outer.get() != this) {
      file = file.or(() -> Optional.ofNullable(outer.get().general.file));
      outer.get().addTo(options, false);
    }
    addTo(options, undottedApart);
    LoadedConfig loaded = ConfigLoader.load(file, terminal.environment(), options);
    for (ConfigProblem warning : loaded.warnings()) {
      terminal.err().println(terminal.styles().warning("warning:") + " " + warning);
    }
    terminal.err().flush();
    return loaded;
  }

  private static Optional<ConfigOptions> ofRoot(CommandSpec spec) {
    return Optional.ofNullable(spec.root().mixins().get(MIXIN))
        .map(CommandSpec::userObject)
        .map(ConfigOptions.class::cast);
  }

  private void addTo(List<CommandLineOption> options, boolean undottedApart) {
    add(options, "--host", "database.host", connection.host);
    add(options, "--port", "database.port", connection.port);
    String database = connection.database;
    boolean isUrl = database != null && database.contains("://");
    add(options, "--database", isUrl ? "database.url" : "database.name", database);
    add(options, "--user", "database.user", connection.user);
    general.settings.forEach(
        (key, value) -> {
          if (!undottedApart || !isStreamTableSetting(key)) {
            options.add(CommandLineOption.set(key, value));
          }
        });
  }

  private static void add(
      List<CommandLineOption> options, String flag, String key, @Nullable String value) {
    if (value != null) {
      options.add(new CommandLineOption(flag, key, value));
    }
  }
}
