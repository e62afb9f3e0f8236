import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or rewrites the format of all Java sources with google-java-format. The build runs it on JDK
 * 25, whatever JDK Maven runs on, because the formatter parses with the compiler of its JDK. Files that
 * are older than the last good check are skipped.
 *
 * <p>Arguments: {@code check} or {@code write}, the project's root, a file that marks the last good check.
 * A failed check leaves the file {@code failed} beside that mark: the build stops at it, with less noise
 * than an exit code would cause.
 */
final class Format {

  public static void main(String[] arguments) throws IOException {
    boolean write = arguments[0].equals("write");
    Path root = Path.of(arguments[1]);
    Path mark = Path.of(arguments[2]);
    FileTime started = FileTime.fromMillis(System.currentTimeMillis());
    FileTime last = Files.exists(mark) ? Files.getLastModifiedTime(mark) : FileTime.fromMillis(0);

    List<Path> sources = new ArrayList<>();
    for (Path file : sources(root)) {
      if (Files.getLastModifiedTime(file).compareTo(last) >= 0) {
        sources.add(file);
      }
    }
    List<Path> wrong = sources.parallelStream().filter(file -> !format(file, write)).toList();
    wrong.forEach(
        file ->
            System.err.println(
                (write ? "Formatted: " : "Not formatted: ") + root.relativize(file)));

    Files.createDirectories(mark.getParent());
    Path failed = mark.resolveSibling("failed");
    Files.deleteIfExists(failed);
    if (write || wrong.isEmpty()) {
      Files.writeString(mark, "");
      Files.setLastModifiedTime(mark, started);
    } else {
      Files.writeString(failed, "");
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path sources : modules.map(module -> module.resolve("src")).toList()) {
        if (Files.isDirectory(sources)) {
          try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java")).forEach(found::add);
          }
        }
      }
    }
    return found;
  }

  /** Whether the file was formatted already. */
  private static boolean format(Path file, boolean write) {
    try {
      String is = Files.readString(file);
      String should = new Formatter().formatSourceAndFixImports(is);
      if (write && !should.equals(is)) {
        Files.writeString(file, should);
      }
      return should.equals(is);
    } catch (FormatterException | IOException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }
}
