package dev.freshet.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Values from environment variables {@code FRESHET_…}. */
final class EnvironmentSource {
  static final String PREFIX = "FRESHET_";

  /** Names the configuration file. */
  static final String CONFIG_FILE = "FRESHET_CONFIG";

  /** For the launcher: how Java is started, and where unpacked programs are kept. */
  private static final Set<String> OF_LAUNCHER =
      Set.of("FRESHET_JAVA_HOME", "FRESHET_OPTS", "FRESHET_CACHE", "FRESHET_CLASSPATH");

  /** What Kubernetes and Docker links set for a service that is called freshet. */
  private static final Pattern OF_SERVICE =
      Pattern.compile("FRESHET_(\\w+_)?(SERVICE_(HOST|PORT\\w*)|PORT_\\d+_(TCP|UDP)\\w*)");

  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp)://.*");

  private static final Map<String, Setting<?>> BY_VARIABLE = byVariable();

  private EnvironmentSource() {}

  private static Map<String, Setting<?>> byVariable() {
    Map<String, Setting<?>> settings = new HashMap<>();
    for (Setting<?> setting : Settings.ALL) {
      settings.put(setting.environmentVariable(), setting);
    }
    return Map.copyOf(settings);
  }

  /** Reads {@code environment}, reporting variables with our prefix that set nothing. */
  static List<Given> read(Map<String, String> environment, Consumer<ConfigProblem> problems) {
    List<Given> given = new ArrayList<>();
    new TreeMap<>(environment)
        .forEach(
            (variable, text) -> {
              Setting<?> setting = BY_VARIABLE.get(variable);
              Place place = new Place.Variable(variable);
              if (setting != null) {
                given.add(new Given(setting, text, place, Given.Layer.ENVIRONMENT));
              } else if (variable.startsWith(PREFIX) && !isForeign(variable, text)) {
                problems.accept(unknown(variable, place));
              }
            });
    return given;
  }

  private static boolean isForeign(String variable, String text) {
    return variable.equals(CONFIG_FILE)
        || OF_LAUNCHER.contains(variable)
        || OF_SERVICE.matcher(variable).matches()
        || SERVICE_ADDRESS.matcher(text).matches();
  }

  private static ConfigProblem unknown(String variable, Place place) {
    if (variable.startsWith("FRESHET_STREAM_TABLES")) {
      return new ConfigProblem(
          place, "", "", "stream tables cannot be given by the environment", "use freshet.yaml");
    }
    Optional<String> nearest =
        BY_VARIABLE.keySet().stream()
            .filter(name -> name.endsWith("_" + variable.substring(PREFIX.length())))
            .min(String::compareTo)
            .or(() -> Nearest.to(variable, BY_VARIABLE.keySet()));
    return new ConfigProblem(
        place,
        "",
        "",
        "sets no key",
        nearest
            .map(name -> "did you mean " + name + "?")
            .orElse("the reference names the variable of every key; unset this one"));
  }
}
