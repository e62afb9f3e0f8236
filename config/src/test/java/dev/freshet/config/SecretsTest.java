package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where passwords come from, and that they go nowhere else. */
final class SecretsTest {
  private static final String PASSWORD = "geh:eim";

  @TempDir Path root;

  private Loading loading;

  @BeforeEach
  void machine() {
    loading = new Loading(root).set("database.host", "db").set("database.user", "ann");
  }

  private void pgpass(String permissions, String... lines) throws Exception {
    Path file = loading.write(loading.home.resolve(".pgpass"), String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void passwordFileGivesThePasswordOfTheFirstLineThatMatches() throws Exception {
    pgpass(
        "rw-------",
        "# db:5432:ann:ann:comment",
        "",
        "too:few:fields",
        "other:5432:ann:ann:of another host",
        "db:5433:ann:ann:of another port",
        "db:5432:shop:ann:of another database",
        "db:5432:ann:bob:of another user",
        "db:*:*:ann:geh\\:eim:rest",
        "*:*:*:*:too late");

    LoadedConfig loaded = loading.loaded();

    assertThat(loaded.config().database().password()).contains(Secret.of(PASSWORD));
    assertThat(loaded.warnings()).isEmpty();
  }

  @Test
  void passwordFileUnescapesColonsAndBackslashes() throws Exception {
    pgpass(
        "rw-------",
        "::1:5432:*:*:unescaped host",
        "\\:\\:1:5432:a\\\\b:\\*:star",
        "\\:\\:1:*:*:*:c\\\\");

    loading = new Loading(root).set("database.host", "::1").set("database.user", "ann");

    assertThat(loading.config().database().password()).contains(Secret.of("c\\"));
  }

  @Test
  void passwordFileWithoutAMatchGivesNone() throws Exception {
    pgpass("rw-------", "other:*:*:*:x");

    assertThat(loading.config().database().password()).isEmpty();
  }

  @Test
  void passwordThatIsGivenBeatsThePasswordFile() throws Exception {
    pgpass("rw-------", "*:*:*:*:of file");

    assertThat(loading.env("PGPASSWORD", PASSWORD).config().database().password())
        .contains(Secret.of(PASSWORD));
  }

  @Test
  void pgpassfileNamesAnotherPasswordFile() throws Exception {
    Path file = loading.write(loading.home.resolve("other"), "*:*:*:*:" + "x\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    assertThat(loading.env("PGPASSFILE", file.toString()).config().database().password())
        .contains(Secret.of("x"));
  }

  @Test
  void passwordFileThatOthersCanReadIsIgnoredWithAWarning() throws Exception {
    pgpass("rw-r-----", "*:*:*:*:geheim");

    assertThat(loading.config().database().password()).isEmpty();
    assertThat(loading.warnings())
        .containsExactly(
            """
            ~/.pgpass
              is ignored: others than its owner have access to it
              → run: chmod 600 ~/.pgpass\
            """);
  }

  @Test
  void passwordFileThatIsNoFileIsIgnoredWithAWarning() throws Exception {
    Files.createDirectory(loading.home.resolve(".pgpass"));

    assertThat(loading.warnings())
        .containsExactly("~/.pgpass\n  is ignored: it is not a plain file");
  }

  @Test
  void passwordInAFileThatEverybodyCanReadIsWarnedOf() throws Exception {
    loading.yaml("database:\n  password: geheim\n");
    Path file = loading.working.resolve("freshet.yaml");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(loading.warnings())
        .containsExactly(
            """
            freshet.yaml:2:13: database.password = ****
              is in a file that every user of this machine can read
              → run: chmod 600 freshet.yaml, or use password-file or ~/.pgpass\
            """);

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(loading.warnings()).isEmpty();
  }

  @Test
  void passwordFileKeyMustHaveAPasswordAndStandAlone() {
    Path empty = loading.write(loading.working.resolve("empty"), "\n");
    loading.yaml("database:\n  password-file: empty\n");
    assertThat(loading.problems())
        .containsExactly(
            "freshet.yaml:2:18: database.password-file = "
                + empty.getFileName()
                + "\n  has no password in its first line\n  → write it there");

    loading.yaml("database:\n  password-file: missing\n");
    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:2:18: database.password-file = missing
              cannot be read: there is no such file
              → name a file with the password\
            """);

    loading.yaml("database:\n  password: geheim\n  password-file: empty\n");
    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:3:18: database.password-file = empty
              stands beside a password, at freshet.yaml:2:13
              → keep one of them\
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://ann:geheim@db/shop",
        "postgresql://db/shop?user=ann&password=geheim",
        "postgresql://ann:geheim@db:x/shop?nonsense=1&password=geheim",
        "postgresql://ann:geheim@db,db2/shop",
        "postgres ql://ann:geheim@db",
        "//:geheim@@",
        "postgresql://ann:a@geheim@db?password=geheim",
        "postgresql://ann:a/geheim@db/shop",
        "postgresql://ann:geheim/x@db/shop",
        "postgresql://ann:a?geheim@db/shop",
        "postgresql://ann:geheim@db/shop?password=geheim",
        "postgresql://ann:geheim%zz@db/shop",
      })
  void passwordInAUrlIsNeverShown(String url) {
    loading = new Loading(root).set("database.url", url).set("refresh.fillfactor", "1");

    ConfigException problems = catchThrowableOfType(ConfigException.class, loading::loaded);

    StringWriter trace = new StringWriter();
    problems.printStackTrace(new PrintWriter(trace));
    assertThat(trace.toString()).contains("refresh.fillfactor").doesNotContain("geheim");
  }

  @Test
  void passwordIsNeverShownByTheConfigurationOrItsProblems() {
    loading.env("FRESHET_DATABASE_PASSWORD", PASSWORD);
    assertThat(loading.loaded().toString()).contains("****").doesNotContain(PASSWORD);
    assertThat(CommandLineOption.set("database.password", PASSWORD).toString())
        .doesNotContain(PASSWORD);
    assertThat(Secret.of(PASSWORD).reveal()).isEqualTo(PASSWORD);

    loading.set("database.password", PASSWORD).option("--password", "database.password", PASSWORD);
    assertThat(loading.problems())
        .containsExactly(
            """
            option --password: database.password = ****
              is set twice, also by option --set database.password
              → keep one of them\
            """);
  }

  @Test
  void emptyPasswordIsRefused() {
    assertThat(loading.env("FRESHET_DATABASE_PASSWORD", "").problems())
        .containsExactly(
            """
            environment variable FRESHET_DATABASE_PASSWORD: database.password = ""
              is empty
              → leave the key out to give no password\
            """);
  }
}
