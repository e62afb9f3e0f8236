package dev.freshet.config;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;

/** The database that Freshet serves, and how to reach it. */
public record DatabaseConfig(
    String host,
    int port,
    String name,
    String user,
    Optional<Secret> password,
    SslConfig ssl,
    String applicationName,
    Duration connectTimeout) {

  public DatabaseConfig {
    Settings.DATABASE_HOST.require(host);
    Settings.DATABASE_PORT.require(port);
    Settings.DATABASE_NAME.require(name);
    Settings.DATABASE_USER.require(user);
    Settings.DATABASE_APPLICATION_NAME.require(applicationName);
    Settings.DATABASE_CONNECT_TIMEOUT.require(connectTimeout);
  }

  /** The URL for pgjdbc, without user, password or any other property. */
  public String jdbcUrl() {
    String authority = host.contains(":") ? "[" + host + "]" : host;
    return "jdbc:postgresql://"
        + authority
        + ":"
        + port
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
    return properties;
  }
}
