package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import dev.freshet.sql.random.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cases that once failed, made small: {@code src/test/resources/regressions/*.sql}, in the form of
 * {@link Script}. A refresh without a transport is tried with all of them.
 */
class RegressionsTest {
  private static final Path FILES = Path.of("src", "test", "resources", "regressions");

  static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void isRight(Path file) throws Exception {
    Script script = Script.parse(Files.readString(file));
    for (PgVersion version : List.of(PgVersion.V15, PgVersion.V18)) {
      try (Database database = SharedServer.of(version).freshDatabase();
          var connection = database.connect()) {
        var runner = new CaseRunner(connection);
        for (Transport transport : Transport.values()) {
          assertThat(runner.run(script, false, transport))
              .as("%s on %s with %s", file, version, transport)
              .isInstanceOf(Outcome.Clean.class);
        }
      }
    }
  }
}
