package dev.freshet.engine.setup;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * What the connecting role may create.
 *
 * @param mayCreateInDatabase CREATE on the database: for schemas and publications
 * @param mayCreateCatalog tables in schema freshet, which may have been made beforehand
 * @param mayCreateInPublic whether stream tables can be created in schema public
 * @param ownsPublication whether it may alter the publication; true if there is none
 * @param publicationOwner empty if there is no publication
 */
record RoleRights(
    boolean mayCreateInDatabase,
    boolean mayCreateCatalog,
    boolean mayCreateInPublic,
    boolean ownsPublication,
    String publicationOwner) {

  private static final String QUERY =
      """
      SELECT has_database_privilege(current_database(), 'CREATE') AS in_database,
             coalesce((SELECT has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE')
                       FROM pg_catalog.pg_namespace WHERE nspname = 'freshet'),
                      has_database_privilege(current_database(), 'CREATE')) AS catalog,
             coalesce((SELECT has_schema_privilege(oid, 'CREATE')
                       FROM pg_catalog.pg_namespace WHERE nspname = 'public'), true) AS in_public,
             coalesce((SELECT pg_has_role(pubowner, 'USAGE')
                       FROM pg_catalog.pg_publication WHERE pubname = ?), true) AS owns,
             coalesce((SELECT pg_get_userbyid(pubowner)
                       FROM pg_catalog.pg_publication WHERE pubname = ?), '') AS owner\
      """;

  static RoleRights read(Connection connection, String publication) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
      statement.setString(1, publication);
      statement.setString(2, publication);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new RoleRights(
            row.getBoolean("in_database"),
            row.getBoolean("catalog"),
            row.getBoolean("in_public"),
            row.getBoolean("owns"),
            row.getString("owner"));
      }
    }
  }
}
