package dev.freshet.engine;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;

/** A real PgBouncer in front of a server, where one is installed. */
final class PgBouncer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Path folder;
  private final int port;
  private Process process;

  private PgBouncer(Path folder, int port) throws IOException {
    this.folder = folder;
    this.port = port;
    this.process = start();
  }

  /** The program, on PATH or where Debian has it. */
  static Optional<Path> program() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.concat(Stream.of(path.split(":")), Stream.of("/usr/sbin"))
        .map(directory -> Path.of(directory, "pgbouncer"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Whether it passes replication connections on: from 1.23 on. */
  static boolean replicates() throws IOException {
    Process asked = new ProcessBuilder(program().orElseThrow().toString(), "--version").start();
    String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    Matcher version = Pattern.compile("PgBouncer 1\\.(\\d+)").matcher(answer);
    return version.find() && Integer.parseInt(version.group(1)) >= 23;
  }

  /**
   * @param mode session, transaction or statement
   * @param sessions how many it may have with a database
   */
  static PgBouncer start(int serverPort, String mode, int sessions) throws IOException {
    Path folder = Files.createTempDirectory("pgbouncer");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      port = free.getLocalPort();
    }
    Files.writeString(folder.resolve("users.txt"), "\"postgres\" \"\"\n");
    Files.writeString(
        folder.resolve("pgbouncer.ini"),
        """
        [databases]
        * = host=127.0.0.1 port=%d
        [pgbouncer]
        listen_addr = 127.0.0.1
        listen_port = %d
        unix_socket_dir =
        auth_type = trust
        auth_file = %s
        pool_mode = %s
        default_pool_size = %d
        """
            .formatted(serverPort, port, folder.resolve("users.txt"), mode, sessions));
    return new PgBouncer(folder, port);
  }

  int port() {
    return port;
  }

  private Process start() throws IOException {
    List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString()));
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("-u", "nobody")); // it refuses to run as root
    }
    command.add(folder.resolve("pgbouncer.ini").toString());
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("pgbouncer.log").toFile()))
            .start();
    try {
      await()
          .pollInterval(Duration.ofMillis(20))
          .atMost(PATIENCE)
          .until(() -> answers() || !started.isAlive());
    } catch (ConditionTimeoutException e) {
      started.destroyForcibly();
      throw new IOException("PgBouncer does not answer: " + said(), e);
    }
    if (!started.isAlive()) {
      throw new IOException("PgBouncer does not start: " + said());
    }
    return started;
  }

  private String said() throws IOException {
    return Files.readString(folder.resolve("pgbouncer.log"));
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Kills it and starts it again: every connection through it breaks. */
  void restart() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    process = start();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
