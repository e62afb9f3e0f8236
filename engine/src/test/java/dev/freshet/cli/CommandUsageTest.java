package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandUsageTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "init",
        "run",
        "doctor",
        "create",
        "alter",
        "drop",
        "apply",
        "list",
        "status",
        "explain",
        "compile",
        "refresh",
        "pause",
        "resume",
        "audit",
        "capture",
        "version",
        "completion"
      })
  void everyCommandHasHelpWithExamplesAndExitCodes(String command) {
    CommandLineRun run = CommandLineRun.of(command, "--help");
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("Usage: freshet " + command)
        .contains("Examples:\n")
        .contains("  freshet " + command)
        .contains("Exit codes:\n")
        .contains("--host=HOST")
        .contains("--config=FILE");
    assertThat(run.out().lines()).allMatch(line -> line.length() <= 100);
    assertThat(CommandLineRun.of().out()).contains("\n  " + command + " ");
  }

  @Test
  void noCommandShowsThemAll() {
    CommandLineRun run = CommandLineRun.of();
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).contains("Stream tables:\n  create ").doesNotContain("\nMore:");
  }

  @Test
  void misspeltCommandNamesTheNearest() {
    CommandLineRun run = CommandLineRun.of("statsu");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .isEqualTo(
            """
            error: Unmatched argument at index 0: 'statsu'
            hint: did you mean status?
            """);
  }

  @Test
  void misspeltOptionNamesTheNearest() {
    CommandLineRun run = CommandLineRun.of("audit", "--limt", "5");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).startsWith("error: Unknown option: '--limt'").contains("--limit");
  }

  @Test
  void createWithoutQuerySaysHowToGiveOne() {
    CommandLineRun run = CommandLineRun.of("create", "revenue");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .isEqualTo(
            """
            error: No query: give --query SQL, --file FILE, or -
            hint: freshet create --help shows what is possible
            """);
  }

  @Test
  void createTakesOneQueryOnly() {
    CommandLineRun run = CommandLineRun.of("create", "r", "-q", "SELECT 1", "-f", "x.sql");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("mutually exclusive");
  }

  @Test
  void missingQueryFileIsNamed() {
    CommandLineRun run = CommandLineRun.of("create", "r", "--file", "nowhere.sql");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).startsWith("error: nowhere.sql does not exist\n");
  }

  @Test
  void emptyQueryFileIsNamed(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("q.sql"), " ;\n");
    assertThat(CommandLineRun.of("explain", "-f", file.toString()).err())
        .startsWith("error: " + file + " holds no query\n");
  }

  @Test
  void wrongSettingOfAStreamTableIsToldBeforeConnecting() {
    CommandLineRun run =
        CommandLineRun.of(
            "create", "r", "-q", "SELECT 1", "--set", "max-change-rato=0.1", "--schedule", "1x");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .startsWith("error: 2 problems in the configuration")
        .contains("max-change-ratio")
        .contains("schedule = 1x");
  }

  @Test
  void wrongKeyOfTheConfigurationNamesTheNearest() {
    CommandLineRun run = CommandLineRun.of("list", "--set", "cdc.slot-nam=x");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("option --set cdc.slot-nam")
        .contains("did you mean cdc.slot-name?");
  }

  @Test
  void outOfRangeOptionIsNamedAsItWasWritten() {
    CommandLineRun run = CommandLineRun.of("list", "-p", "99999");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--port").contains("99999").contains("1 to 65535");
  }

  @Test
  void errorIsJsonForPrograms() {
    CommandLineRun run = CommandLineRun.of("list", "--json", "-p", "99999");
    assertThat(run.err()).startsWith("{\"error\":{\"kind\":\"BAD_SETTING\",\"message\":");
    assertThat(run.out()).isEmpty();
  }

  @Test
  void alterWithoutChangeSaysWhatCouldChange() {
    CommandLineRun run = CommandLineRun.of("alter", "r");
    assertThat(run.code()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).startsWith("error: Nothing to change: give --set");
  }

  @Test
  void pauseOfEverythingMustBeSaid() {
    assertThat(CommandLineRun.of("pause").err()).startsWith("error: Give names, or --all\n");
    assertThat(CommandLineRun.of("pause", "--all", "a").err())
        .startsWith("error: Give names or --all, not both\n");
  }

  @Test
  void auditLimitMustBePositive() {
    assertThat(CommandLineRun.of("audit", "--limit", "0").err())
        .startsWith("error: --limit must be at least 1, not 0\n");
  }

  @Test
  void watchIntervalHasBounds() {
    assertThat(CommandLineRun.of("status", "--watch", "0").err())
        .startsWith("error: --watch must be between 0.1 and 3600 seconds");
  }

  @Test
  void explainTakesAStreamTableOrAQuery() {
    assertThat(CommandLineRun.of("explain").err()).startsWith("error: Give a stream table's NAME");
    assertThat(CommandLineRun.of("explain", "r", "-q", "SELECT 1").err())
        .startsWith("error: Give a stream table or a query, not both\n");
  }

  @Test
  void versionComesFirstAndAlone() {
    assertThat(CommandLineRun.of("--version").out()).startsWith("freshet ");
    assertThat(CommandLineRun.of("version").outLines().getFirst()).startsWith("freshet ");
    assertThat(CommandLineRun.of("version", "--json").out()).contains("\"pgjdbc\" : ");
  }

  @Test
  void completionIsAScriptForBash() {
    assertThat(CommandLineRun.of("completion").out())
        .startsWith("#!/usr/bin/env bash")
        .contains("freshet");
  }

  @Test
  void grantsNameRoleAndDatabaseWithoutConnecting() {
    CommandLineRun run =
        CommandLineRun.of("init", "--print-grants", "-p", "1", "-d", "Shop", "-U", "fresh");
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("CREATE ROLE fresh LOGIN REPLICATION;")
        .contains("GRANT CONNECT, TEMPORARY ON DATABASE \"Shop\" TO fresh;");
  }

  @Test
  void grantsSayWhichSourcesTheyDoNotCover(@TempDir Path directory) throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("freshet.yaml"),
            """
            stream-tables:
              - name: public.plain
                query: SELECT id FROM orders
              - name: public.slices
                query: SELECT tags[2:] AS tags FROM articles
            """);
    CommandLineRun run =
        CommandLineRun.of(
            "init", "--print-grants", "--config", file.toString(), "-d", "shop", "-U", "fresh");
    assertThat(run.code()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("'orders'")
        .contains("-- Not covered, since the query could not be read without the server")
        .contains("the sources of public.slices.");
  }

  @Test
  void optionsBeforeAndAfterTheCommandAreOne() {
    CommandLineRun run = CommandLineRun.of("-d", "shop", "init", "--print-grants", "-U", "fresh");
    assertThat(run.out()).contains("ON DATABASE shop TO fresh;");
  }
}
