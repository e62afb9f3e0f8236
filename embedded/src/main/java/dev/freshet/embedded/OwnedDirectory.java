package dev.freshet.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Temporary directories that outlive their JVM only until the next one looks. Each holds a file
 * that its JVM keeps locked; the operating system drops the lock however the JVM ends, so a
 * directory whose file can be locked is an orphan. The first call in a JVM ends the servers that
 * run in orphans and removes these.
 */
final class OwnedDirectory {

  private static final Logger LOG = LoggerFactory.getLogger(OwnedDirectory.class);
  private static final String PREFIX = "freshet-pg-";
  private static final String LOCK = "owner.lock";

  /** An open channel per directory: closing it gives the lock up. */
  private static final Map<Path, FileChannel> OWNED = new ConcurrentHashMap<>();

  private static boolean swept;

  private OwnedDirectory() {}

  /** Makes an empty directory but for the lock file. */
  static synchronized Path create() throws IOException {
    if (!swept) {
      swept = true;
      removeOrphans(Path.of(System.getProperty("java.io.tmpdir")));
    }
    while (true) {
      Path directory = Files.createTempDirectory(PREFIX);
      FileChannel channel = open(directory, StandardOpenOption.CREATE_NEW);
      if (channel.tryLock() != null) {
        OWNED.put(directory, channel);
        return directory;
      }
      channel.close(); // Another process took it for an orphan in this instant, and removes it.
    }
  }

  /** Removes a directory that {@link #create()} made. */
  static void remove(Path directory) throws IOException {
    FileTrees.delete(directory);
    FileChannel channel = OWNED.remove(directory);
    if (channel != null) {
      channel.close();
    }
  }

  static void removeOrphans(Path parent) {
    try (DirectoryStream<Path> candidates = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path candidate : candidates) {
        boolean mayBeOurs = Files.isRegularFile(candidate.resolve(LOCK), LinkOption.NOFOLLOW_LINKS);
        if (mayBeOurs && Files.isWritable(candidate.resolve(LOCK))) {
          removeIfOrphan(candidate);
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.debug(
          "Orphaned servers in {} are left alone", parent, e); // Others' debris is no failure.
    }
  }

  private static void removeIfOrphan(Path directory) throws IOException {
    if (OWNED.containsKey(directory)) {
      return; // Opening and closing the file would give this process's own lock up.
    }
    try (FileChannel channel = open(directory, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        LOG.debug("Removing {}, whose owner has died", directory);
        killServer(directory.resolve("data"));
        FileTrees.delete(directory);
      }
    } catch (OverlappingFileLockException _) {
      LOG.debug("{} belongs to this process", directory);
    }
  }

  private static void killServer(Path data) throws IOException {
    Path pidFile = data.resolve("postmaster.pid");
    if (!Files.exists(pidFile)) {
      return;
    }
    List<String> lines = Files.readAllLines(pidFile);
    if (lines.size() < 2 || !lines.get(1).equals(data.toString())) {
      return;
    }
    ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
        .filter(process -> process.info().command().orElse("").endsWith("/postgres"))
        .ifPresent(postmaster -> Processes.kill(List.of(postmaster))); // Its children follow.
  }

  private static FileChannel open(Path directory, StandardOpenOption option) throws IOException {
    return FileChannel.open(directory.resolve(LOCK), option, StandardOpenOption.WRITE);
  }
}
