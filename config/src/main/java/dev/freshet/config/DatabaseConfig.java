package dev.freshet.config;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/**
 * The database that Freshet serves, and how to reach it.
 *
 * @param host the server, or several separated by commas, each with {@code :port} where that is not
 *     {@code port}: the one among them that is the primary is meant
 * @param direct the server itself, where {@code host} is a connection pooler in front of it
 */
public record DatabaseConfig(
    String host,
    int port,
    String name,
    String user,
    Optional<Secret> password,
    SslConfig ssl,
    String applicationName,
    Duration connectTimeout,
    Optional<DatabaseConfig> direct) {

  /** How long the driver trusts what it saw of a host: after a failover no longer than this. */
  private static final String HOST_RECHECK_SECONDS = "1";

  public DatabaseConfig {
    Settings.DATABASE_HOST.require(host);
    Settings.DATABASE_PORT.require(port);
    Settings.DATABASE_NAME.require(name);
    Settings.DATABASE_USER.require(user);
    Settings.DATABASE_APPLICATION_NAME.require(applicationName);
    Settings.DATABASE_CONNECT_TIMEOUT.require(connectTimeout);
  }

  /** Of a server without a pooler in front of it. */
  public DatabaseConfig(
      String host,
      int port,
      String name,
      String user,
      Optional<Secret> password,
      SslConfig ssl,
      String applicationName,
      Duration connectTimeout) {
    this(host, port, name, user, password, ssl, applicationName, connectTimeout, Optional.empty());
  }

  /** The server itself, for what needs a session of its own: this, if no other was named. */
  public DatabaseConfig forSessions() {
    return direct.orElse(this);
  }

  /** {@code host:port}, or several of them separated by commas: how people see it. */
  public String address() {
    return host.contains(",") ? Hosts.parse(host, port).authority() : host + ":" + port;
  }

  /** The URL for pgjdbc, without user, password or any other property. */
  public String jdbcUrl() {
    return "jdbc:postgresql://"
        + Hosts.parse(host, port).authority()
        + "/"
        + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What pgjdbc needs besides the URL, the password included: not for logs. */
  public Properties driverProperties() {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    password.ifPresent(secret -> properties.setProperty("password", secret.reveal()));
    properties.setProperty("sslmode", ssl.mode().text());
    ssl.rootCert().ifPresent(file -> properties.setProperty("sslrootcert", file.toString()));
    ssl.cert().ifPresent(file -> properties.setProperty("sslcert", file.toString()));
    ssl.key().ifPresent(file -> properties.setProperty("sslkey", file.toString()));
    properties.setProperty("ApplicationName", applicationName);
    properties.setProperty("connectTimeout", Long.toString(connectTimeout.toSeconds()));
    if (Hosts.parse(host, port).isSeveral()) {
      properties.setProperty("targetServerType", "primary");
      properties.setProperty("hostRecheckSeconds", HOST_RECHECK_SECONDS);
    }
    return properties;
  }
}
