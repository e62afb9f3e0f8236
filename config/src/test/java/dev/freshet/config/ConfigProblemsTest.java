package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values and keys that are wrong, with the text that a person gets for each. */
final class ConfigProblemsTest {
  @TempDir Path root;

  private Loading loading;

  @BeforeEach
  void machine() {
    loading = new Loading(root);
  }

  @Test
  void directUrlIsReportedAsItWasWritten() {
    assertThat(loading.set("database.direct-url", "postgresql:///shop").problems())
        .containsExactly(
            """
            option --set database.direct-url: database.direct-url = postgresql:///shop
              names no host
              → write postgresql://db.example.com\
            """);
  }

  @Test
  void partsOfTheDirectUrlAreChecked() {
    assertThat(loading.set("database.direct-url", "postgresql://db:70000").problems())
        .singleElement()
        .asString()
        .startsWith("option --set database.direct-url: database.direct-url = 70000\n");
  }

  @Test
  void directUrlMisspeltIsFoundAgain() {
    assertThat(loading.set("database.direct-uri", "postgresql://db").problems())
        .singleElement()
        .asString()
        .contains("database.direct-url");
  }

  @Test
  void allProblemsOfAllSourcesAreReportedAtOnce() {
    loading
        .yaml(
            """
            database:
              port: 99999
            cdc:
              slotname: mine
              slot-name: Mine
            """)
        .env("FRESHET_REFRESH_FILLFACTOR", "5")
        .env("PGSSLMODE", "allow")
        .option("--max-change-ratio", "refresh.max-change-ratio", "15%");

    ConfigException problems = catchThrowableOfType(ConfigException.class, loading::loaded);

    assertThat(problems.getMessage().replace(loading.working + "/", ""))
        .isEqualTo(
            """
            6 problems in the configuration

            freshet.yaml:2:9: database.port = 99999
              is out of range
              → the range is 1 to 65535

            freshet.yaml:4:3: cdc.slotname
              is not a key of the configuration
              → did you mean cdc.slot-name?

            freshet.yaml:5:14: cdc.slot-name = Mine
              is not a slot name
              → write lower-case letters, digits and underscores

            environment variable FRESHET_REFRESH_FILLFACTOR: refresh.fillfactor = 5
              is out of range
              → the range is 10 to 100 percent

            option --max-change-ratio: refresh.max-change-ratio = 15%
              is a percentage
              → write the fraction: 0.15

            environment variable PGSSLMODE: database.ssl.mode = allow
              is not one of disable, prefer, require, verify-ca, verify-full\
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          database.port                   | x      | is not a whole number             | the range is 1 to 65535
          database.port                   | 0      | is out of range                   | the range is 1 to 65535
          database.host                   | /tmp   | is not a host name or address     | write a host name or an IP address
          database.connect-timeout        | 10     | has no unit                       | write 10ms or 10s; the units are ms, s, m, h, d
          database.connect-timeout        | 5min   | has the unknown unit "min"        | write 5m
          database.connect-timeout        | 1ms    | is out of range                   | the range is 1s to 10m
          database.ssl.mode               | verify_full | is not one of disable, prefer, require, verify-ca, verify-full | did you mean verify-full?
          cdc.mode                        | wall   | is not one of wal, trigger, debezium, auto | did you mean wal?
          cdc.manage-publication          | yes    | is not true or false              | write true
          cdc.buffer.max-memory           | 256    | has no unit                       | write 256MB, or another of B, kB, MB, GB, TB
          cdc.buffer.max-memory           | 256mb  | has the unknown unit "mb"         | write MB (powers of 1024; the units are B, kB, MB, GB, TB)
          cdc.buffer.max-memory           | 256MiB | has the unknown unit "MiB"        | write MB (powers of 1024; the units are B, kB, MB, GB, TB)
          cdc.buffer.max-memory           | 1kB    | is out of range                   | the range is 1MB to 1TB
          refresh.max-change-ratio        | 0      | is out of range                   | the range is above 0, up to and including 1
          refresh.max-change-ratio        | 1.5    | is out of range                   | the range is above 0, up to and including 1
          refresh.max-change-ratio        | NaN    | is not a number                   | write a fraction such as 0.15
          refresh.schedule                | hourly | is not a schedule                 | write an interval (1s, 1m30s), a cron expression ("*/5 * * * *"), continuous, calculated or manual
          refresh.schedule                | 0      | is outside 1ms to 365d            | write continuous to refresh as soon as changes arrive
          refresh.statement-timeout       | -1s    | is not a duration                 | write whole numbers with units: 500ms, 1s, 1m30s, 2h, 1d
          refresh.copy-threshold          | 99999999999999999999 | is out of range     | the range is 0 to 1000000000 rows
          engine.refresh-workers          | 1      | is out of range                   | the range is 2 to 256
          """)
  void wrongValueIsRefusedWithWhatToWrite(
      String key, String value, String message, String suggestion) {
    assertThat(loading.set(key, value).problems())
        .containsExactly(
            "option --set %s: %s = %s\n  %s\n  → %s"
                .formatted(key, key, value, message, suggestion));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cdc.slotname            | did you mean cdc.slot-name?
          cdc.slot_name           | did you mean cdc.slot-name?
          refresh.maxChangeRatio  | did you mean refresh.max-change-ratio?
          databse                 | did you mean database?
          fillfactor              | did you mean refresh.fillfactor?
          refresh.port            | did you mean database.port or engine.admin.port?
          cdc.maxmemory           | did you mean cdc.buffer.max-memory?
          databse.host            | did you mean database.host?
          cdc.max-memory          | did you mean cdc.buffer.max-memory?
          engine.log.file         | the keys of engine.log are format, level
          telemetry               | the sections are database, cdc, refresh, engine, stream-tables
          """)
  void unknownKeyNamesTheNearest(String key, String suggestion) {
    assertThat(loading.set(key, "1").problems())
        .containsExactly(
            "option --set %s: %s\n  is not a key of the configuration\n  → %s"
                .formatted(key, key, suggestion));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FRESHET_CDC_SLOTNAME   | did you mean FRESHET_CDC_SLOT_NAME?
          FRESHET_FILLFACTOR     | did you mean FRESHET_REFRESH_FILLFACTOR?
          FRESHET_X              | the reference names the variable of every key; unset this one
          """)
  void unknownVariableNamesTheNearest(String variable, String suggestion) {
    assertThat(loading.env(variable, "1").problems())
        .containsExactly(
            "environment variable %s\n  sets no key\n  → %s".formatted(variable, suggestion));
  }

  @Test
  void sourceThatSetsAKeyTwiceIsRefused() {
    loading.yaml("database:\n  url: postgresql://db:6000/shop\n  port: 7000\n");

    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:3:9: database.port = 7000
              is set twice, also by freshet.yaml:2:8
              → keep one of them\
            """);
  }

  @Test
  void transactionMayNotHaveMoreMemoryThanAll() {
    loading.yaml("cdc:\n  buffer:\n    max-memory: 64MB\n    max-transaction-memory: 65MB\n");

    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:4:29: cdc.buffer.max-transaction-memory = 65MB
              is more than cdc.buffer.max-memory, which is 64MB
              → write at most 64MB\
            """);
  }

  @Test
  void overriddenValueIsStillChecked() {
    loading.yaml("database:\n  port: none\n").set("database.port", "5432");

    assertThat(loading.problems()).hasSize(1);
  }

  @Test
  void libpqVariableThatIsOverriddenIsNotChecked() {
    loading.env("PGHOST", "/var/run/postgresql").set("database.host", "localhost");

    assertThat(loading.problems()).isEmpty();
  }

  @Test
  void certificateThatCannotBeReadIsRefused() {
    assertThat(loading.yaml("database:\n  ssl:\n    root-cert: no.crt\n").problems())
        .singleElement()
        .asString()
        .endsWith("no.crt\n  cannot be read\n  → name a file that exists");
  }

  @Test
  void badUrlIsRefusedWithWhatToWrite() {
    assertThat(loading.env("FRESHET_DATABASE_URL", "mysql://localhost/shop").problems())
        .containsExactly(
            """
            environment variable FRESHET_DATABASE_URL: database.url = mysql://localhost/shop
              is not a connection URL
              → write postgresql://user@host:5432/database, and in user and password %40 for @, \
            %3A for :, %2F for /, %3F for ?, %25 for %\
            """);
    assertThat(loading.env("FRESHET_DATABASE_URL", "postgresql://ann@db/shop?user=bob").problems())
        .singleElement()
        .asString()
        .endsWith("says user twice\n  → keep one of them");
    assertThat(loading.env("FRESHET_DATABASE_URL", "postgresql://h/d?sslmod=require").problems())
        .singleElement()
        .asString()
        .contains("has the unknown parameter \"sslmod\"\n  → did you mean sslmode?");
    assertThat(loading.env("FRESHET_DATABASE_URL", "postgresql://h:x/d?sslmode=no").problems())
        .containsExactly(
            """
            environment variable FRESHET_DATABASE_URL: database.port = x
              is not a whole number
              → the range is 1 to 65535\
            """,
            """
            environment variable FRESHET_DATABASE_URL: database.ssl.mode = no
              is not one of disable, prefer, require, verify-ca, verify-full\
            """);
  }

  @Test
  void fileNameThatCannotBeOneIsRefused() {
    assertThat(loading.yaml("database:\n  ssl:\n    cert: \"a\\0b\"\n").problems())
        .singleElement()
        .asString()
        .startsWith("freshet.yaml:3:11: database.ssl.cert")
        .contains("is not a file's name");
  }
}
