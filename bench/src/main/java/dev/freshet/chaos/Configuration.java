package dev.freshet.chaos;

import dev.freshet.embedded.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The engine's configuration. Its file lists the stream tables, and the engine creates them. */
final class Configuration {
  /** Small, so that a burst is more than it holds. */
  static final String BUFFER = "4MB";

  private Configuration() {}

  /** Settings without the stream tables, by key. */
  static Map<String, String> settings(String database, int port) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("database.host", "127.0.0.1");
    settings.put("database.port", Integer.toString(port));
    settings.put("database.name", database);
    settings.put("database.user", PostgresServer.SUPERUSER);
    settings.put("database.connect-timeout", "2s");
    settings.put("cdc.status-interval", "500ms");
    settings.put("cdc.buffer.max-memory", BUFFER);
    // Full refreshes are refills then, and nothing else.
    settings.put("refresh.cost", "off");
    settings.put("refresh.max-change-ratio", "1");
    settings.put("engine.refresh-workers", "2");
    settings.put("engine.admin.port", "0");
    return settings;
  }

  /** The same as options of the command line. */
  static List<String> options(String database, int port) {
    List<String> options = new ArrayList<>();
    settings(database, port)
        .forEach((key, value) -> options.addAll(List.of("--set", key + "=" + value)));
    return options;
  }

  /** A {@code freshet.yaml} that lists the stream tables. */
  static Path write(Path file) throws IOException {
    StringBuilder yaml = new StringBuilder("stream-tables:\n");
    for (Shape shape : Shape.ALL) {
      yaml.append("  - name: public.").append(shape.name()).append('\n');
      yaml.append("    schedule: ").append(shape.schedule()).append('\n');
      yaml.append("    query: |\n").append(shape.query().indent(6));
    }
    return Files.writeString(file, yaml.toString());
  }
}
