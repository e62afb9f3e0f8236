package dev.freshet.cdc.wal;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Where a change source gets its replication connections from. */
@FunctionalInterface
public interface ReplicationConnections {
  /** Opens a connection with {@code replication=database} and simple queries. */
  Connection open() throws SQLException;

  /**
   * Connections to {@code url} with the caller's properties (user, password, TLS …) and what
   * replication needs on top.
   */
  static ReplicationConnections of(String url, Properties properties) {
    Properties replication = new Properties();
    properties.forEach((key, value) -> replication.put(key, value));
    PGProperty.REPLICATION.set(replication, "database");
    PGProperty.PREFER_QUERY_MODE.set(replication, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(replication, "15");
    return () -> HeardSockets.open(replication, own -> DriverManager.getConnection(url, own));
  }
}
