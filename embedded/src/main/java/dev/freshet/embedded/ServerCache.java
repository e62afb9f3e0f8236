package dev.freshet.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The per-user directory in which unpacked binaries and template clusters are kept, and the rule by
 * which an entry appears in it: made under another name, then renamed. So an entry that exists is
 * whole, whichever processes run at once and wherever one of them dies.
 */
final class ServerCache {

  /** File locks are held by a JVM, not by a thread: this one orders the threads. */
  private static final ReentrantLock THREADS = new ReentrantLock();

  private final Path root;

  ServerCache(Path root) {
    this.root = root;
  }

  /**
   * The cache of this user: {@code $FRESHET_CACHE}, or {@code freshet} beneath {@code
   * $XDG_CACHE_HOME}, or {@code ~/.cache/freshet}; in it {@code postgresql}.
   */
  static ServerCache ofUser() {
    String own = System.getenv("FRESHET_CACHE");
    if (own != null && !own.isEmpty()) {
      return new ServerCache(Path.of(own, "postgresql"));
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path caches =
        xdg != null && !xdg.isEmpty()
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return new ServerCache(caches.resolve("freshet").resolve("postgresql"));
  }

  /** Fills an empty directory. */
  @FunctionalInterface
  interface Filler {
    void fill(Path directory) throws IOException;
  }

  /** The entry's directory, made by {@code filler} if it does not exist. */
  Path entry(String name, Filler filler) throws IOException {
    Path entry = root.resolve(name);
    if (Files.isDirectory(entry)) {
      return entry;
    }
    Files.createDirectories(root);
    THREADS.lock();
    try (FileChannel channel =
            FileChannel.open(
                root.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      if (!Files.isDirectory(entry)) {
        make(entry, filler);
      }
      return entry;
    } finally {
      THREADS.unlock();
    }
  }

  private static void make(Path entry, Filler filler) throws IOException {
    Path parent = entry.toAbsolutePath().getParent();
    Path unfinished = Files.createTempDirectory(parent, entry.getFileName() + ".unfinished-");
    try {
      filler.fill(unfinished);
      try {
        Files.move(unfinished, entry, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        throw new IOException(
            "The cache directory %s is on a file system without atomic renames; set FRESHET_CACHE"
                    .formatted(parent)
                + " to a directory on a local disk",
            e);
      }
    } finally {
      FileTrees.delete(unfinished);
    }
  }
}
