package dev.freshet.engine.setup;

import dev.freshet.config.DatabaseConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Opens connections that speak the replication protocol. */
final class Sessions {
  private Sessions() {}

  /** The caller tells what a refusal means: this connection needs a free walsender. */
  static Connection openReplication(DatabaseConfig database) throws SQLException {
    Properties properties = database.driverProperties();
    properties.setProperty("replication", "database");
    properties.setProperty("preferQueryMode", "simple");
    properties.setProperty("assumeMinServerVersion", "15");
    return DriverManager.getConnection(database.jdbcUrl(), properties);
  }
}
