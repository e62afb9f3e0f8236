package dev.freshet.cli;

import dev.freshet.embedded.Database;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One run of {@code freshet} in this process.
 *
 * @param code the exit code
 * @param out what it printed
 * @param err what it complained about
 */
record CommandLineRun(int code, String out, String err) {

  /** A way to run commands: in which environment, with what on standard input. */
  record Setting(Map<String, String> environment, String input) {
    static Setting empty() {
      return new Setting(Map.of("FRESHET_CONFIG", "", "HOME", "/nonexistent"), "");
    }

    /** Connects to {@code database} as the superuser. */
    static Setting of(Database database) {
      return empty().as(database, "postgres", "");
    }

    Setting as(Database database, String role, String password) {
      return with("PGHOST", database.server().host())
          .with("PGPORT", Integer.toString(database.server().port()))
          .with("PGDATABASE", database.name())
          .with("PGUSER", role)
          .with("PGPASSWORD", password.isEmpty() ? "unused" : password)
          .with("FRESHET_CDC_SLOT_NAME", "slot_" + database.name());
    }

    Setting with(String variable, String value) {
      Map<String, String> changed = new HashMap<>(environment);
      changed.put(variable, value);
      return new Setting(Map.copyOf(changed), input);
    }

    Setting reading(String text) {
      return new Setting(environment, text);
    }

    CommandLineRun run(String... arguments) {
      StringWriter out = new StringWriter();
      StringWriter err = new StringWriter();
      Terminal terminal =
          new Terminal(
              new PrintWriter(out, true),
              new PrintWriter(err, true),
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              environment,
              Styles.PLAIN);
      int code = Main.run(terminal, arguments);
      return new CommandLineRun(code, out.toString(), err.toString());
    }
  }

  static CommandLineRun of(String... arguments) {
    return Setting.empty().run(arguments);
  }

  List<String> outLines() {
    return out.lines().toList();
  }

  Stream<String> errLines() {
    return err.lines();
  }
}
