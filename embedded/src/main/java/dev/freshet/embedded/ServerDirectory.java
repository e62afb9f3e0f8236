package dev.freshet.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of one server: data directory, Unix socket, log.
 *
 * @param base what is removed on close, when temporary
 * @param data the data directory
 * @param socket the directory of the Unix socket
 * @param log the file that takes the server's standard output and error
 * @param isTemporary whether closing removes everything
 */
record ServerDirectory(Path base, Path data, Path socket, Path log, boolean isTemporary)
    implements AutoCloseable {

  /**
   * {@code sun_path} has 104 bytes on macOS, 108 on Linux, and {@code /.s.PGSQL.65535} must fit.
   */
  private static final int LONGEST_SOCKET_DIRECTORY = 86;

  static ServerDirectory temporary() throws IOException {
    Path base = OwnedDirectory.create();
    return new ServerDirectory(base, base.resolve("data"), base, base.resolve("server.log"), true);
  }

  static ServerDirectory kept(Path data) throws IOException {
    Files.createDirectories(data);
    boolean fits =
        data.toString().getBytes(StandardCharsets.UTF_8).length <= LONGEST_SOCKET_DIRECTORY;
    Path socket = fits ? data : Files.createTempDirectory("freshet-pg-");
    return new ServerDirectory(data, data, socket, data.resolve("server.log"), false);
  }

  boolean hasCluster() {
    return Files.exists(data.resolve("PG_VERSION"));
  }

  /**
   * Whether the postmaster with this process id accepts connections, be it for reading only. It
   * says so in the last line of {@code postmaster.pid}, where {@code pg_ctl --wait} looks too.
   */
  boolean isReady(long pid) throws IOException {
    List<String> lines = pidFile();
    return lines.size() >= 8
        && lines.get(0).strip().equals(Long.toString(pid))
        && (lines.get(7).strip().equals("ready") || lines.get(7).strip().equals("standby"));
  }

  /**
   * Removes a lock file that a killed server left. PostgreSQL would do it too, unless the operating
   * system has given the process id to someone else meanwhile.
   */
  void discardPidFileOfDeadServer() throws IOException {
    List<String> lines = pidFile();
    if (lines.isEmpty()) {
      return;
    }
    // A process whose command cannot be told may be the server: PostgreSQL decides then.
    long pid = Math.abs(Long.parseLong(lines.getFirst().strip()));
    boolean isServer =
        ProcessHandle.of(pid)
            .map(process -> process.info().command().orElse("postgres"))
            .filter(command -> command.endsWith("postgres"))
            .isPresent();
    if (!isServer) {
      Files.deleteIfExists(data.resolve("postmaster.pid"));
    }
  }

  private List<String> pidFile() throws IOException {
    try {
      return Files.readAllLines(data.resolve("postmaster.pid"));
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  /** The log's length in bytes; 0 when there is none yet. */
  long logSize() throws IOException {
    return Files.exists(log) ? Files.size(log) : 0;
  }

  /** The log from a byte position on, at most its last 256 kB. */
  String logSince(long position) throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    try (SeekableByteChannel channel = Files.newByteChannel(log)) {
      long from = Math.max(position, channel.size() - (256 << 10));
      channel.position(from);
      ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - from));
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // Until the end of the file as it was when opened.
      }
      return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }
  }

  @Override
  public void close() {
    try {
      if (isTemporary) {
        OwnedDirectory.remove(base);
      } else if (!socket.equals(data)) {
        FileTrees.delete(socket);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot remove " + base, e);
    }
  }
}
