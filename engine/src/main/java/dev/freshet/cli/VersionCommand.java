package dev.freshet.cli;

import dev.freshet.engine.Version;
import java.util.LinkedHashMap;
import java.util.Map;
import org.postgresql.util.DriverInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code freshet version}. */
@Command(
    name = "version",
    header = "Show the versions of Freshet, its driver and Java.",
    footer = {"", "Examples:", "  freshet version", "  freshet version --json"})
final class VersionCommand extends FreshetCommand {
  @Option(names = "--json", description = "Answer in JSON.")
  boolean json;

  VersionCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  public Integer call() {
    if (json) {
      Map<String, String> versions = new LinkedHashMap<>();
      versions.put("freshet", Version.text());
      versions.put("pgjdbc", DriverInfo.DRIVER_VERSION);
      versions.put("java", Runtime.version().toString());
      printLine(JsonText.pretty(versions));
    } else {
      printLine("freshet " + Version.text());
      printLine("pgjdbc " + DriverInfo.DRIVER_VERSION);
      printLine("java " + Runtime.version() + ", " + System.getProperty("java.vendor"));
      printLine("serves PostgreSQL 15 to 18");
    }
    return ExitCode.OK;
  }
}
