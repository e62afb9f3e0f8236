package dev.freshet.engine.setup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A publication as {@code pg_publication} shows it.
 *
 * @param owned whether the role may alter it
 * @param viaRoot changes of partitions are published as of their root
 * @param everything INSERT, UPDATE, DELETE and TRUNCATE are published
 */
record Publication(
    String name,
    String owner,
    boolean owned,
    boolean allTables,
    boolean viaRoot,
    boolean everything) {

  private static final String QUERY =
      """
      SELECT pg_get_userbyid(pubowner) AS owner, pg_has_role(pubowner, 'USAGE') AS owned,
             puballtables, pubviaroot, pubinsert AND pubupdate AND pubdelete AND pubtruncate
               AS everything
      FROM pg_catalog.pg_publication WHERE pubname = ?\
      """;

  static Optional<Publication> find(Connection connection, String name) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Publication(
                    name,
                    row.getString("owner"),
                    row.getBoolean("owned"),
                    row.getBoolean("puballtables"),
                    row.getBoolean("pubviaroot"),
                    row.getBoolean("everything")))
            : Optional.empty();
      }
    }
  }

  static String createSql(String name) {
    return "CREATE PUBLICATION "
        + Grants.identifier(name)
        + " WITH (publish_via_partition_root = true);";
  }

  /** What makes it right for Freshet; empty if it is. */
  Optional<String> repairSql() {
    List<String> options = new ArrayList<>();
    if (!viaRoot) {
      options.add("publish_via_partition_root = true");
    }
    if (!everything) {
      options.add("publish = 'insert, update, delete, truncate'");
    }
    return options.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "ALTER PUBLICATION "
                + Grants.identifier(name)
                + " SET ("
                + String.join(", ", options)
                + ");");
  }
}
