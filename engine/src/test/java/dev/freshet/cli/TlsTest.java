package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import dev.freshet.embedded.Database;
import dev.freshet.embedded.EmbeddedServer;
import dev.freshet.embedded.PgVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that speaks nothing but TLS, and takes passwords by SCRAM: the server's certificate is
 * verified, and the password comes from libpq's file.
 */
class TlsTest {
  private static final String STORE_PASSWORD = "changeit";

  @TempDir static Path directory;

  private static EmbeddedServer server;
  private static Database database;

  @BeforeAll
  static void start() throws Exception {
    Authority ours = Authority.make("ours");
    Authority.make("others");
    ours.sign("server", "san=ip:127.0.0.1");
    server =
        EmbeddedServer.builder(PgVersion.V18)
            .setting("ssl", "on")
            .setting("ssl_cert_file", directory.resolve("server.crt").toString())
            .setting("ssl_key_file", directory.resolve("server.key").toString())
            .hba("hostssl all clerk 127.0.0.1/32 scram-sha-256")
            .hba("hostnossl all clerk 127.0.0.1/32 reject")
            .start();
    database = server.createDatabase("shop");
    database.execute(
        "CREATE ROLE clerk LOGIN SUPERUSER PASSWORD 'ge:heim'",
        "CREATE TABLE orders (id int PRIMARY KEY, amount int)",
        "INSERT INTO orders VALUES (1, 10)");
    Path passwords =
        Files.writeString(
            directory.resolve("pgpass"),
            "127.0.0.1:%1$d:shop:clerk:ge\\:heim\nlocalhost:%1$d:shop:clerk:ge\\:heim\n"
                .formatted(server.port()));
    Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Setting verifying(String host, String authority) {
    return Setting.empty()
        .with("PGHOST", host)
        .with("PGPORT", Integer.toString(server.port()))
        .with("PGDATABASE", "shop")
        .with("PGUSER", "clerk")
        .with("PGPASSFILE", directory.resolve("pgpass").toString())
        .with("FRESHET_DATABASE_SSL_MODE", "verify-full")
        .with("FRESHET_DATABASE_SSL_ROOT_CERT", directory.resolve(authority + ".crt").toString());
  }

  @Test
  void everyConnectionIsVerified() throws Exception {
    Setting shell = verifying("127.0.0.1", "ours");
    assertThat(shell.run("init").code()).isEqualTo(ExitCode.OK);
    CommandLineRun created =
        shell.run("create", "total", "--query", "SELECT sum(amount) AS total FROM orders");
    assertThat(created.err()).isEmpty();
    database.execute("INSERT INTO orders VALUES (2, 5)");
    assertThat(shell.run("audit").out()).endsWith("AUDIT OK 1/1\n");
  }

  @Test
  void certificateOfAnotherAuthorityIsRefused() {
    CommandLineRun run = verifying("127.0.0.1", "others").run("init", "--check");
    assertThat(run.code()).isEqualTo(ExitCode.SERVER);
    assertThat(run.err())
        .startsWith("error: cannot connect to 127.0.0.1:" + server.port() + ": TLS: ")
        .contains("hint: check database.ssl.mode and database.ssl.root-cert")
        .doesNotContain("\tat ", "ge:heim");
  }

  @Test
  void certificateOfAnotherHostIsRefused() {
    CommandLineRun run = verifying("localhost", "ours").run("init", "--check");
    assertThat(run.code()).isEqualTo(ExitCode.SERVER);
    assertThat(run.err())
        .contains("error: cannot connect to localhost:" + server.port())
        .contains("hostname localhost could not be verified")
        .contains("hint: ")
        .doesNotContain("\tat ");
  }

  @Test
  void connectionWithoutTlsIsRefusedByTheServer() {
    CommandLineRun run =
        verifying("127.0.0.1", "ours")
            .with("FRESHET_DATABASE_SSL_MODE", "disable")
            .run("init", "--check");
    assertThat(run.code()).isEqualTo(ExitCode.SERVER);
    assertThat(run.err()).contains("no encryption").contains("hint: ");
  }

  /** A certificate authority, made by the JDK's keytool in a key store of its own. */
  private record Authority(String name) {
    static Authority make(String name) throws Exception {
      Authority authority = new Authority(name);
      authority.keytool("-genkeypair", "-alias", "ca", "-dname", "CN=" + name, "-ext", "bc:c");
      authority.export("ca", directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
      return authority;
    }

    void sign(String host, String extension) throws Exception {
      keytool(
          "-genkeypair",
          "-alias",
          host,
          "-dname",
          "CN=" + host,
          "-signer",
          "ca",
          "-ext",
          extension);
      export(host, directory.resolve(host + ".crt"), directory.resolve(host + ".key"));
    }

    private Path store() {
      return directory.resolve(name + ".p12");
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
      List<String> command =
          new java.util.ArrayList<>(
              List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
      command.addAll(List.of(arguments));
      command.addAll(
          List.of(
              "-keyalg",
              "EC",
              "-validity",
              "2",
              "-storetype",
              "PKCS12",
              "-keystore",
              store().toString(),
              "-storepass",
              STORE_PASSWORD));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(output).isZero();
    }

    private void export(String alias, Path certificate, Path key) throws Exception {
      KeyStore store = KeyStore.getInstance(store().toFile(), STORE_PASSWORD.toCharArray());
      Files.writeString(certificate, pem("CERTIFICATE", store.getCertificate(alias).getEncoded()));
      Files.writeString(
          key, pem("PRIVATE KEY", store.getKey(alias, STORE_PASSWORD.toCharArray()).getEncoded()));
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    private static String pem(String kind, byte[] der) {
      return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
          .formatted(kind, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der));
    }
  }
}
