package dev.freshet.bench.server;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a server says of itself.
 *
 * @param version {@code 18.6}
 * @param settings parameters that were set and matter for speed, with their units
 */
public record ServerFacts(String version, Map<String, String> settings) {
  private static final Set<String> IMMATERIAL =
      Set.of(
          "application_name",
          "autovacuum_worker_slots",
          "client_encoding",
          "DateStyle",
          "default_text_search_config",
          "dynamic_shared_memory_type",
          "extra_float_digits",
          "lc_messages",
          "lc_monetary",
          "lc_numeric",
          "lc_time",
          "listen_addresses",
          "log_line_prefix",
          "log_timezone",
          "max_connections",
          "max_prepared_transactions",
          "max_replication_slots",
          "max_wal_senders",
          "min_wal_size",
          "port",
          "TimeZone",
          "unix_socket_directories");

  public ServerFacts {
    settings = Map.copyOf(settings);
  }

  public static ServerFacts of(Connection connection) throws SQLException {
    Map<String, String> settings = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT name, current_setting(name)
                FROM pg_settings
                WHERE name IN ('shared_buffers', 'synchronous_commit', 'fsync')
                   OR (source NOT IN ('default', 'override', 'client', 'session')
                       AND NOT (name ILIKE '%file' OR name ILIKE '%directory'))\
                """)) {
      while (row.next()) {
        if (!IMMATERIAL.contains(row.getString(1))) {
          settings.put(row.getString(1), row.getString(2));
        }
      }
    }
    return new ServerFacts(StreamTables.query(connection, "SHOW server_version"), settings);
  }
}
