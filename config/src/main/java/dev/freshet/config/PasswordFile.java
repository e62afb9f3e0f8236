package dev.freshet.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * libpq's password file, {@code ~/.pgpass} (PostgreSQL manual, "The Password File"): lines {@code
 * host:port:database:user:password}, the first match wins, {@code *} matches anything, a backslash
 * escapes {@code :} and itself, a colon ends the password, and {@code #} begins a comment. As with
 * libpq, a file that the group or the world may read is ignored, with a warning.
 */
final class PasswordFile {
  private static final int FIELDS = 5;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private final Path file;
  private final Consumer<ConfigProblem> warnings;

  PasswordFile(Path file, Consumer<ConfigProblem> warnings) {
    this.file = file;
    this.warnings = warnings;
  }

  /** The password of the first line that matches, if the file is there and may be trusted. */
  Optional<Secret> lookup(String host, int port, String database, String user) {
    List<String> wanted = List.of(host, Integer.toString(port), database, user);
    if (!Files.exists(file) || !isTrusted()) {
      return Optional.empty();
    }
    try {
      for (String line : Files.readAllLines(file)) {
        if (!line.startsWith("#")) {
          List<Field> fields = fields(line);
          if (fields.size() >= FIELDS && matches(fields, wanted)) {
            return Optional.of(Secret.of(fields.get(FIELDS - 1).text));
          }
        }
      }
    } catch (IOException e) {
      warn("is ignored: it cannot be read: " + Reading.failure(e), "");
    }
    return Optional.empty();
  }

  private boolean isTrusted() {
    if (!Files.isRegularFile(file)) {
      warn("is ignored: it is not a plain file", "");
      return false;
    }
    try {
      if (OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
        return true;
      }
      warn("is ignored: others than its owner have access to it", "run: chmod 600 " + file);
      return false;
    } catch (UnsupportedOperationException _) {
      return true; // no POSIX permissions here; libpq does not check on Windows either
    } catch (IOException e) {
      warn("is ignored: " + Reading.failure(e), "");
      return false;
    }
  }

  private void warn(String message, String suggestion) {
    warnings.accept(new ConfigProblem(new Place.WholeFile(file), "", "", message, suggestion));
  }

  private static boolean matches(List<Field> fields, List<String> wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!fields.get(i).matches(wanted.get(i))) {
        return false;
      }
    }
    return true;
  }

  /** A field without its escapes; only an unescaped star alone is a wildcard. */
  private record Field(String text, boolean wildcard) {
    boolean matches(String value) {
      return wildcard || text.equals(value);
    }

    @Override
    public String toString() {
      return Secret.MASK;
    }
  }

  private static List<Field> fields(String line) {
    List<Field> fields = new ArrayList<>();
    StringBuilder text = new StringBuilder();
    int start = 0;
    for (int i = 0; i <= line.length(); i++) {
      if (i == line.length() || line.charAt(i) == ':') {
        fields.add(new Field(text.toString(), line.substring(start, i).equals("*")));
        text.setLength(0);
        start = i + 1;
      } else {
        if (line.charAt(i) == '\\' && i + 1 < line.length()) {
          i++;
        }
        text.append(line.charAt(i));
      }
    }
    return fields;
  }
}
