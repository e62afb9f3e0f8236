package dev.freshet.embedded;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A running PostgreSQL that belongs to its holder: its superuser {@code postgres} connects without
 * a password. Closing it stops the server and discards what it stored, unless it was given a data
 * directory to keep.
 */
public interface PostgresServer extends AutoCloseable {

  /** The superuser that {@link #connect(String)} and {@link #jdbcUrl(String)} use. */
  String SUPERUSER = "postgres";

  /** The server's major version. */
  PgVersion version();

  /** The host name or address to connect to. */
  String host();

  /** The TCP port. */
  int port();

  @Override
  void close();

  /**
   * The JDBC address of a database, superuser included: {@code
   * jdbc:postgresql://…/db?user=postgres}.
   */
  default String jdbcUrl(String database) {
    return bareJdbcUrl(database) + "?user=" + SUPERUSER;
  }

  /** The JDBC address of a database without user or any other parameter. */
  default String bareJdbcUrl(String database) {
    String encoded = URLEncoder.encode(database, StandardCharsets.UTF_8);
    return "jdbc:postgresql://%s:%d/%s".formatted(host(), port(), encoded);
  }

  /** Connects to a database as the superuser, in auto-commit mode. The caller closes. */
  default Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(jdbcUrl(database));
  }

  /** Connects to a database as any role. The caller closes. */
  default Connection connect(String database, String user, String password) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    return DriverManager.getConnection(bareJdbcUrl(database), properties);
  }

  /** Creates an empty database with exactly this name; closing the result drops it. */
  default Database createDatabase(String name) throws SQLException {
    try (Connection connection = connect(SUPERUSER);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + Database.quoted(name));
    }
    return new Database(this, name);
  }

  /** Creates an empty database with a name that this process has not used yet. */
  default Database freshDatabase() throws SQLException {
    long pid = ProcessHandle.current().pid();
    return createDatabase("freshet_%d_%d".formatted(pid, FreshNames.NEXT.getAndIncrement()));
  }

  /** Numbers the databases of {@link #freshDatabase()}. */
  final class FreshNames {
    private static final AtomicLong NEXT = new AtomicLong(1);

    private FreshNames() {}
  }
}
