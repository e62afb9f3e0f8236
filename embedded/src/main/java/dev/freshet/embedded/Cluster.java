package dev.freshet.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Makes data directories. {@code initdb} takes a second or more, so it runs once per version and
 * user; every further cluster is a copy of that one (0.1 s), which also gives all of them the same
 * <em>system identifier</em>. Where a test tells clusters apart by it, it asks for a cluster of its
 * own.
 */
final class Cluster {

  private Cluster() {}

  /** Fills a data directory that does not exist or is empty. */
  static void create(ServerPrograms programs, ServerCache cache, Path dataDirectory, boolean own)
      throws IOException {
    if (own) {
      initdb(programs, dataDirectory);
      return;
    }
    String name = "cluster-" + programs.home().getFileName();
    Path template = cache.entry(name, directory -> initdb(programs, directory.resolve("data")));
    Files.deleteIfExists(dataDirectory);
    FileTrees.copy(template.resolve("data"), dataDirectory);
    Files.setPosixFilePermissions(dataDirectory, PosixFilePermissions.fromString("rwx------"));
  }

  /** Copies the data of a server that is stopped. */
  static void copyForStandby(Path primary, Path dataDirectory) throws IOException {
    Files.deleteIfExists(dataDirectory);
    FileTrees.copy(primary, dataDirectory);
    Files.createFile(dataDirectory.resolve("standby.signal"));
  }

  private static void initdb(ServerPrograms programs, Path dataDirectory) throws IOException {
    programs.run(
        List.of(
            "initdb",
            "--pgdata=" + dataDirectory,
            "--username=" + PostgresServer.SUPERUSER,
            "--encoding=UTF8",
            "--locale=C",
            "--auth=trust",
            "--no-sync"));
  }

  /** Writes the settings to a file that {@code postgresql.conf} includes. */
  static void writeSettings(Path dataDirectory, Map<String, String> settings) throws IOException {
    Path main = dataDirectory.resolve("postgresql.conf");
    String include = "include 'freshet.conf'";
    String text = Files.readString(main);
    if (!text.contains(include)) {
      Files.writeString(main, text + "\n" + include + "\n");
    }
    String lines =
        settings.entrySet().stream()
            .map(e -> "%s = '%s'\n".formatted(e.getKey(), e.getValue().replace("'", "''")))
            .collect(Collectors.joining());
    Files.writeString(dataDirectory.resolve("freshet.conf"), lines);
  }

  /**
   * Writes {@code pg_hba.conf}: the given lines first, then everyone from here without password.
   */
  static void writeHba(Path dataDirectory, List<String> lines) throws IOException {
    String text =
        String.join("\n", lines)
            + """

            local all         all               trust
            host  all         all 127.0.0.1/32  trust
            host  all         all ::1/128       trust
            local replication all               trust
            host  replication all 127.0.0.1/32  trust
            host  replication all ::1/128       trust
            """;
    Files.writeString(dataDirectory.resolve("pg_hba.conf"), text);
  }
}
