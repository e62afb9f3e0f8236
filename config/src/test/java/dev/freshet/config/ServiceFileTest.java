package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A connection named as {@code psql service=…} names it. */
final class ServiceFileTest {
  @TempDir Path root;

  private Loading loading;

  @BeforeEach
  void machine() {
    loading = new Loading(root);
    loading.write(
        loading.home.resolve(".pg_service.conf"),
        """
        # connections
        [other]
        host=other.example.com

        [shop]
        host=db.example.com
        port = 5433
        dbname=shop
        user=ann
        sslmode=verify-full
        connect_timeout=5
        """);
  }

  @Test
  void serviceSetsWhatNobodyElseSets() {
    DatabaseConfig database = loading.set("database.service", "shop").config().database();
    assertThat(database.host()).isEqualTo("db.example.com");
    assertThat(database.port()).isEqualTo(5433);
    assertThat(database.name()).isEqualTo("shop");
    assertThat(database.user()).isEqualTo("ann");
    assertThat(database.ssl().mode()).isEqualTo(SslMode.VERIFY_FULL);
    assertThat(database.connectTimeout()).hasSeconds(5);
  }

  @Test
  void configurationStandsAboveTheServiceAndLibpqsVariablesBelow() {
    DatabaseConfig database =
        loading
            .env("PGSERVICE", "shop")
            .env("PGHOST", "elsewhere")
            .env("PGPASSWORD", "geheim")
            .set("database.port", "6000")
            .config()
            .database();
    assertThat(database.host()).isEqualTo("db.example.com");
    assertThat(database.port()).isEqualTo(6000);
    assertThat(database.password()).contains(Secret.of("geheim"));
  }

  @Test
  void variableNamesAnotherFile() {
    Path file = loading.write(root.resolve("services"), "[shop]\nhost=third\n");
    DatabaseConfig database =
        loading
            .env("PGSERVICEFILE", file.toString())
            .set("database.service", "shop")
            .config()
            .database();
    assertThat(database.host()).isEqualTo("third");
  }

  @Test
  void serviceThatIsNowhereIsTold() {
    assertThat(loading.set("database.service", "nope").problems())
        .singleElement()
        .asString()
        .contains("database.service", "is in no service file", "write a section [nope]");
  }

  @Test
  void parameterThatWouldBeIgnoredIsTold() {
    loading.write(loading.home.resolve(".pg_service.conf"), "[shop]\noptions=-c role=x\n");
    assertThat(loading.set("database.service", "shop").problems())
        .singleElement()
        .asString()
        .contains(".pg_service.conf:2:1", "has the parameter \"options\"");
  }
}
