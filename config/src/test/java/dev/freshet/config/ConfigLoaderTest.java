package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file is read, which source wins, and what of it ends up in which component. */
final class ConfigLoaderTest {
  @TempDir Path root;

  private Loading loading;

  @BeforeEach
  void machine() {
    loading = new Loading(root);
  }

  @Test
  void nothingConfiguredGivesTheDefaults() {
    assertThat(loading.loaded())
        .isEqualTo(new LoadedConfig(FreshetConfig.defaults(), Optional.empty(), List.of()));
  }

  @Test
  void defaultsAreThoseOfTheIssue() {
    FreshetConfig defaults = FreshetConfig.defaults();

    assertThat(defaults.refresh())
        .isEqualTo(
            new RefreshSettings(
                new Schedule.Interval(Duration.ofSeconds(1)),
                RefreshMode.AUTO,
                0.15,
                CostModel.AUTO,
                FullMethod.MERGE,
                CommitMode.ASYNCHRONOUS,
                90,
                Duration.ofMillis(5),
                Duration.ofSeconds(1),
                Duration.ZERO,
                10_000));
    assertThat(defaults.cdc().buffer())
        .isEqualTo(
            new BufferConfig(BufferMode.AUTO, DataSize.ofMegabytes(256), DataSize.ofMegabytes(64)));
    assertThat(defaults.engine().admin()).isEqualTo(new AdminConfig("127.0.0.1", 9187));
    assertThat(defaults.engine().refreshWorkers()).isBetween(2, 4);
    assertThat(defaults.database().name()).isEqualTo(System.getProperty("user.name"));
  }

  @Test
  void environmentOverridesFileAndOptionOverridesEnvironment() {
    loading
        .yaml(
            """
            cdc:
              slot-name: of_file
              publication-name: of_file
            refresh:
              fillfactor: 70
            """)
        .env("FRESHET_CDC_SLOT_NAME", "of_environment")
        .env("FRESHET_CDC_PUBLICATION_NAME", "of_environment")
        .set("cdc.slot-name", "of_option");

    FreshetConfig config = loading.config();

    assertThat(config.cdc().slotName()).isEqualTo("of_option");
    assertThat(config.cdc().publicationName()).isEqualTo("of_environment");
    assertThat(config.refresh().fillfactor()).isEqualTo(70);
  }

  @Test
  void libpqVariablesFillWhatNobodySets() {
    loading
        .yaml("database:\n  port: 6000\n")
        .env("PGHOST", "db.example.com")
        .env("PGPORT", "7000")
        .env("PGDATABASE", "shop")
        .env("PGUSER", "ann")
        .env("PGPASSWORD", "geheim")
        .env("PGSSLMODE", "verify-full");

    DatabaseConfig database = loading.config().database();

    assertThat(database.host()).isEqualTo("db.example.com");
    assertThat(database.port()).isEqualTo(6000);
    assertThat(database.name()).isEqualTo("shop");
    assertThat(database.user()).isEqualTo("ann");
    assertThat(database.password()).contains(Secret.of("geheim"));
    assertThat(database.ssl().mode()).isEqualTo(SslMode.VERIFY_FULL);
  }

  @Test
  void databaseIsNamedAsItsUserWhereNothingElseIsSaid() {
    assertThat(loading.set("database.user", "ann").config().database().name()).isEqualTo("ann");
  }

  @Test
  void readsTheFirstFileThatExists() {
    Path system = loading.write(loading.system.resolve("freshet/freshet.yaml"), "cdc:\n");
    assertThat(loading.loaded().file()).contains(system);

    Path user = loading.write(loading.home.resolve(".config/freshet/freshet.yaml"), "cdc:\n");
    assertThat(loading.loaded().file()).contains(user);

    Path xdg = loading.write(loading.home.resolve("xdg/freshet/freshet.yaml"), "cdc:\n");
    loading.env("XDG_CONFIG_HOME", loading.home.resolve("xdg").toString());
    assertThat(loading.loaded().file()).contains(xdg);

    Path here = loading.write(loading.working.resolve("freshet.yaml"), "cdc:\n");
    assertThat(loading.loaded().file()).contains(here);

    Path ofVariable = loading.write(loading.home.resolve("other.yaml"), "cdc:\n");
    loading.env("FRESHET_CONFIG", ofVariable.toString());
    assertThat(loading.loaded().file()).contains(ofVariable);

    Path named = loading.write(loading.home.resolve("named.yaml"), "cdc:\n");
    assertThat(loading.loaded(Optional.of(named)).file()).contains(named);
  }

  @Test
  void urlStandsForItsPartsAndHigherSourcesOverrideThem() {
    loading
        .yaml(
            """
            database:
              url: postgresql://ann:pa%3Ass@[::1]:6000/shop?sslmode=require&connect_timeout=3
            """)
        .env("FRESHET_DATABASE_HOST", "db.example.com");

    DatabaseConfig database = loading.config().database();

    assertThat(database.host()).isEqualTo("db.example.com");
    assertThat(database.port()).isEqualTo(6000);
    assertThat(database.name()).isEqualTo("shop");
    assertThat(database.user()).isEqualTo("ann");
    assertThat(database.password()).contains(Secret.of("pa:ss"));
    assertThat(database.ssl().mode()).isEqualTo(SslMode.REQUIRE);
    assertThat(database.connectTimeout()).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void urlOfAHigherSourceOverridesSingleKeys() {
    loading
        .yaml("database:\n  host: here\n  user: ann\n")
        .option("--database", "database.url", "jdbc:postgresql://there/shop?user=bob");

    DatabaseConfig database = loading.config().database();

    assertThat(database.host()).isEqualTo("there");
    assertThat(database.user()).isEqualTo("bob");
    assertThat(database.port()).isEqualTo(5432);
  }

  @Test
  void passwordFileOfAHigherSourceOverridesAPassword() {
    Path secret = loading.write(loading.home.resolve("secret"), "from file\nsecond line\n");
    loading
        .yaml("database:\n  password: from yaml\n")
        .env("FRESHET_DATABASE_PASSWORD_FILE", secret.toString());
    assertThat(loading.config().database().password()).contains(Secret.of("from file"));

    loading.set("database.password", "from option");
    assertThat(loading.config().database().password()).contains(Secret.of("from option"));
  }

  @Test
  void passwordFileOfYamlOverridesLibpqsPassword() {
    loading.write(loading.working.resolve("secret"), "from file");
    loading.yaml("database:\n  password-file: secret\n").env("PGPASSWORD", "from libpq");

    assertThat(loading.config().database().password()).contains(Secret.of("from file"));
  }

  @Test
  void relativeFilesStartFromTheFolderOfTheYaml() {
    Path cert = loading.write(loading.working.resolve("tls/root.crt"), "");
    loading.yaml("database:\n  ssl:\n    root-cert: tls/root.crt\n");

    assertThat(loading.config().database().ssl().rootCert()).contains(cert);
  }

  @Test
  void ofSeveralServersThePrimaryIsMeant() {
    loading.option(
        "--database",
        "database.url",
        "postgresql://ann@db1,db2:6000,[::1]:6001/shop?target_session_attrs=read-write");

    DatabaseConfig database = loading.config().database();

    assertThat(database.jdbcUrl()).isEqualTo("jdbc:postgresql://db1:5432,db2:6000,[::1]:6001/shop");
    assertThat(database.driverProperties())
        .containsEntry("targetServerType", "primary")
        .containsEntry("hostRecheckSeconds", "1");
  }

  @Test
  void directUrlInheritsAllButHostAndPort() {
    loading.yaml(
        """
        database:
          url: postgresql://ann:geheim@pooler:6432/shop?sslmode=require
          direct-url: postgresql://db
        """);
    DatabaseConfig database = loading.config().database();
    DatabaseConfig direct = database.forSessions();
    assertThat(database.address()).isEqualTo("pooler:6432");
    assertThat(direct.jdbcUrl()).isEqualTo("jdbc:postgresql://db:5432/shop");
    assertThat(direct.driverProperties())
        .containsEntry("user", "ann")
        .containsEntry("password", "geheim")
        .containsEntry("sslmode", "require");
  }

  @Test
  void directUrlSaysWhatIsOtherwiseThere() {
    loading
        .set("database.url", "postgresql://ann:geheim@pooler:6432/alias?sslmode=disable")
        .set("database.direct-url", "postgresql://bob:other@db:5433/shop?sslmode=require");
    DatabaseConfig direct = loading.config().database().forSessions();
    assertThat(direct.jdbcUrl()).isEqualTo("jdbc:postgresql://db:5433/shop");
    assertThat(direct.driverProperties())
        .containsEntry("user", "bob")
        .containsEntry("password", "other")
        .containsEntry("sslmode", "require");
  }

  @Test
  void withoutDirectUrlSessionsGoWhereEverythingGoes() {
    loading.set("database.host", "db");
    DatabaseConfig database = loading.config().database();
    assertThat(database.forSessions()).isSameAs(database);
  }

  @Test
  void jdbcUrlAndDriverPropertiesSayHowToConnect() {
    loading.option("--database", "database.url", "postgresql://ann:geheim@[::1]:6000/my%20shop");

    DatabaseConfig database = loading.config().database();

    assertThat(database.jdbcUrl()).isEqualTo("jdbc:postgresql://[::1]:6000/my%20shop");
    assertThat(database.driverProperties())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "user", "ann",
                "password", "geheim",
                "sslmode", "prefer",
                "ApplicationName", "freshet",
                "connectTimeout", "10"));
  }

  @Test
  void everySectionReachesItsRecord() {
    loading.yaml(
        """
        cdc:
          manage-publication: false
          manage-replica-identity: false
          replica-identity-lock-timeout: 3s
          status-interval: 5s
          failover: off
          poll-interval: 7ms
          max-retained-wal: 2GB
          buffer:
            mode: staging
            max-memory: 1GB
            max-transaction-memory: 1GB
        engine:
          refresh-workers: 7
          history-size: 5
          admin:
            port: 0
            bind-address: 0.0.0.0
          log:
            format: json
            level: debug
        """);

    FreshetConfig config = loading.config();

    DataSize gigabyte = DataSize.ofMegabytes(1024);
    assertThat(config.cdc())
        .isEqualTo(
            new CdcConfig(
                CdcMode.WAL,
                "freshet",
                "freshet",
                false,
                false,
                Duration.ofSeconds(3),
                new BufferConfig(BufferMode.STAGING, gigabyte, gigabyte),
                DataSize.ofMegabytes(2048),
                Duration.ofSeconds(5),
                SlotFailover.OFF,
                Duration.ofMillis(7)));
    assertThat(config.engine())
        .isEqualTo(
            new EngineConfig(
                7,
                5,
                java.time.Duration.ofSeconds(20),
                new AdminConfig("0.0.0.0", 0),
                new LogConfig(LogFormat.JSON, LogLevel.DEBUG)));
    assertThat(config.engine().admin().enabled()).isFalse();
  }

  private static final Place SOMEWHERE = new Place.Option("");

  @Test
  void streamTableKnowsWhereItsQueryStands() {
    loading.yaml(
        """
        stream-tables:
          - name: public.a
            query: SELECT 1
        """);
    assertThat(loading.config().streamTables().getFirst().place())
        .isInstanceOfSatisfying(
            Place.InFile.class,
            place -> {
              assertThat(place.line()).isEqualTo(3);
              assertThat(place.column()).isEqualTo(12);
            });
  }

  @Test
  void streamTablesAreListedOrNamedByTheirKeys() {
    loading.write(loading.working.resolve("sql/open.sql"), "SELECT 2\n");
    List<StreamTableConfig> expected =
        List.of(
            new StreamTableConfig(
                new TableName("public", "totals"),
                "SELECT 1",
                RefreshOverrides.parse(Map.of("schedule", "1m30s", "fillfactor", "50")),
                SOMEWHERE),
            new StreamTableConfig(
                new TableName("Sales", "open"), "SELECT 2", RefreshOverrides.none(), SOMEWHERE));

    loading.yaml(
        """
        stream-tables:
          - name: public.Totals
            query: |
              SELECT 1
            schedule: 1m30s
            fillfactor: 50
          - name: '"Sales".open'
            query-file: sql/open.sql
        """);
    assertThat(loading.config().streamTables())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("place")
        .isEqualTo(expected);

    loading.yaml(
        """
        stream-tables:
          public.totals:
            query: SELECT 1
            schedule: 1m30s
            fillfactor: 50
          '"Sales".open':
            query-file: sql/open.sql
        """);
    assertThat(loading.config().streamTables())
        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("place")
        .isEqualTo(expected);
  }

  @Test
  void streamTableOverridesTheGeneralSettings() {
    loading.yaml(
        """
        refresh:
          fillfactor: 80
          mode: full
        stream-tables:
          - {name: public.t, query: SELECT 1, mode: incremental}
        """);

    FreshetConfig config = loading.config();
    RefreshSettings settings = config.settingsOf(config.streamTables().getFirst());

    assertThat(settings.mode()).isEqualTo(RefreshMode.INCREMENTAL);
    assertThat(settings.fillfactor()).isEqualTo(80);
    assertThat(settings.maxChangeRatio()).isEqualTo(0.15);
  }

  @Test
  void variablesOfLauncherAndKubernetesSetNothing() {
    loading
        .env("FRESHET_OPTS", "-Xmx1g")
        .env("FRESHET_SERVICE_HOST", "10.0.0.1")
        .env("FRESHET_PORT", "tcp://10.0.0.1:9187")
        .env("FRESHET_PORT_9187_TCP_ADDR", "10.0.0.1");

    assertThat(loading.config()).isEqualTo(FreshetConfig.defaults());
  }

  @Test
  void settingsOfAProgramTakeNothingFromTheMachine() {
    FreshetConfig config =
        FreshetConfig.of(Map.of("database.url", "postgresql://ann@db/shop", "cdc.failover", "off"));

    assertThat(config.database().user()).isEqualTo("ann");
    assertThat(config.cdc().failover()).isEqualTo(SlotFailover.OFF);
    assertThat(config.refresh()).isEqualTo(RefreshSettings.defaults());
    assertThat(FreshetConfig.of(Map.of())).isEqualTo(FreshetConfig.defaults());
  }
}
