package dev.freshet.bench.decode;

import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.config.DatabaseConfig;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** PostgreSQL's own client, in C, writing to {@code /dev/null}. */
record RecvlogicalReader(Path program) implements Reader {
  private static final String NAME = "pg_recvlogical";
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

  @Override
  public String label() {
    return NAME;
  }

  /** The one on the PATH, or the newest of Debian's. */
  static Optional<RecvlogicalReader> find() {
    List<Path> candidates = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
      candidates.add(Path.of(folder, NAME));
    }
    if (Files.isDirectory(DEBIAN)) {
      try (DirectoryStream<Path> versions = Files.newDirectoryStream(DEBIAN)) {
        List<Path> found = new ArrayList<>();
        versions.forEach(version -> found.add(version.resolve("bin").resolve(NAME)));
        found.sort(Comparator.reverseOrder());
        candidates.addAll(found);
      } catch (IOException _) {
        return Optional.empty();
      }
    }
    return candidates.stream().filter(Files::isExecutable).findFirst().map(RecvlogicalReader::new);
  }

  @Override
  public Reading read(BenchDatabase database, String slot, Backlog backlog) throws Exception {
    DatabaseConfig config = database.config();
    ProcessBuilder builder =
        new ProcessBuilder(
            program.toString(),
            "--host=" + config.host(),
            "--port=" + config.port(),
            "--username=" + config.user(),
            "--dbname=" + config.name(),
            "--slot=" + slot,
            "--start",
            "--no-loop",
            "--fsync-interval=0",
            "--endpos=" + backlog.end(),
            "--file=/dev/null",
            "--option=proto_version=1",
            "--option=publication_names=" + Backlog.PUBLICATION,
            "--option=binary=true");
    config.password().ifPresent(secret -> builder.environment().put("PGPASSWORD", secret.reveal()));
    builder
        .environment()
        .put(
            "PGSSLMODE",
            config.ssl().mode().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
    builder.redirectErrorStream(true);
    long start = System.nanoTime();
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException(NAME + " failed: " + output);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Reading(seconds, seconds, Optional.empty());
  }

  /** {@code pg_recvlogical (PostgreSQL) 15.8}. */
  String version() {
    try {
      Process process = new ProcessBuilder(program.toString(), "--version").start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(10, TimeUnit.SECONDS) ? output.strip() : NAME;
    } catch (IOException _) {
      return NAME;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return NAME;
    }
  }
}
