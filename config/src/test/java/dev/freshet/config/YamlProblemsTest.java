package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that cannot be read as keys and values: what is said, and where it points. */
final class YamlProblemsTest {
  @TempDir Path root;

  private Loading loading;

  @BeforeEach
  void machine() {
    loading = new Loading(root);
  }

  @Test
  void keyWrittenTwiceIsRefusedWithBothPlaces() {
    loading.yaml("cdc:\n  slot-name: a\nrefresh:\n  mode: full\ncdc:\n  failover: on\n");

    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:5:1: cdc
              is written twice; the first is at freshet.yaml:1:1
              → keep one of them\
            """);
  }

  @Test
  void tabIsRefusedWithItsPlace() {
    assertThat(loading.yaml("cdc:\n\tslot-name: a\n").problems())
        .containsExactly(
            """
            freshet.yaml:2:1
              is not YAML: found character '\\t(TAB)' that cannot start any token. (Do not use \
            \\t(TAB) for indentation)
              → indent with spaces; YAML does not allow tabs there\
            """);
  }

  @Test
  void brokenYamlIsRefusedWithItsPlace() {
    assertThat(loading.yaml("cdc:\n  slot-name: [a\n").problems())
        .singleElement()
        .asString()
        .startsWith("freshet.yaml:3:1\n  is not YAML: expected ',' or ']'")
        .endsWith("→ check the indentation and the quotes at and before this place");
  }

  @Test
  void unquotedCronIsExplained() {
    assertThat(loading.yaml("refresh:\n  schedule: */5 * * * *\n").problems())
        .singleElement()
        .asString()
        .startsWith("freshet.yaml:2:14\n  is not YAML: ")
        .endsWith("→ quote a value that begins with a special character, such as \"*/5 * * * *\"");
    assertThat(loading.yaml("refresh:\n  schedule: cron: 0 3 * * *\n").problems())
        .singleElement()
        .asString()
        .startsWith("freshet.yaml:2:17\n  is not YAML: mapping values are not allowed here")
        .endsWith("→ quote a value that contains \": \", or check the indentation");
  }

  @Test
  void controlCharacterIsRefused() {
    assertThat(loading.yaml("cdc:\n  slot-name: a\u0001\n").problems())
        .singleElement()
        .asString()
        .contains("has the character U+0001, which YAML does not allow");
  }

  @Test
  void fileThatIsNotUtf8IsRefused() throws Exception {
    Files.write(
        loading.working.resolve("freshet.yaml"), "a: ä".getBytes(StandardCharsets.ISO_8859_1));

    assertThat(loading.problems())
        .containsExactly("freshet.yaml\n  cannot be read: it is not UTF-8 text");
  }

  @Test
  void namedFileThatIsMissingIsRefused() {
    Path missing = loading.working.resolve("missing.yaml");

    assertThat(loading.problems(Optional.of(missing)))
        .containsExactly("missing.yaml\n  cannot be read: there is no such file");
  }

  @Test
  void aliasOfItselfIsRefused() {
    assertThat(loading.yaml("cdc: &a\n  buffer: *a\n").problems())
        .singleElement()
        .asString()
        .contains("contains itself through an alias");
  }

  @Test
  void valuesAndSectionsAreNotMistakenForEachOther() {
    loading.yaml(
        """
        database: localhost
        cdc:
          slot-name:
          failover: [on]
          buffer.max-memory: 1GB
        """);

    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:1:11: database
              is a section
              → write its keys beneath it, indented\
            """,
            """
            freshet.yaml:3:13: cdc.slot-name
              has no value
              → write one, or leave the key out\
            """,
            """
            freshet.yaml:4:13: cdc.failover
              takes one value, not a list or keys beneath it
              → write auto, on, off\
            """,
            """
            freshet.yaml:5:3: cdc.buffer.max-memory
              has a dot; keys are nested here
              → write buffer: and beneath it, indented, max-memory:\
            """);
  }

  @Test
  void fileWithoutKeysIsRefused() {
    assertThat(loading.yaml("- 1\n").problems())
        .containsExactly(
            """
            freshet.yaml:1:1
              the file does not consist of keys
              → write sections such as "database:" with keys beneath them\
            """);
  }
}
