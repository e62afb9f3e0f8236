package dev.freshet.engine.setup;

import dev.freshet.config.FreshetConfig;
import java.util.List;
import java.util.Locale;

/** The SQL with which an administrator makes a role that can do Freshet's work and no more. */
public final class Grants {
  private Grants() {}

  /** A script for {@code psql}, for the configured role, database and publication. */
  public static String script(FreshetConfig config) {
    String role = identifier(config.database().user());
    String database = identifier(config.database().name());
    String publication = identifier(config.cdc().publicationName());
    return """
    -- For an administrator to run in database %2$s; leave out what is there already.

    -- The role. Amazon RDS and Aurora have no REPLICATION: GRANT rds_replication TO %1$s;
    CREATE ROLE %1$s LOGIN REPLICATION;
    \\password %1$s

    -- To create schema freshet and the publication.
    GRANT CONNECT, CREATE ON DATABASE %2$s TO %1$s;

    -- To create stream tables; repeat for every schema that shall hold some.
    GRANT USAGE, CREATE ON SCHEMA public TO %1$s;

    -- To read the sources; repeat for every schema that holds some, and the second line for
    -- every role that creates tables there (it covers only that role's tables).
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$s;
    ALTER DEFAULT PRIVILEGES /* FOR ROLE <owner> */ IN SCHEMA public GRANT SELECT ON TABLES TO %1$s;

    -- Only a table's owner can add it to a publication and set its replica identity. Either
    -- let the role act as the owner of the sources:
    --   GRANT <owner of the sources> TO %1$s;
    -- or publish the sources yourself, and tell Freshet only to check
    -- (cdc.manage-publication and cdc.manage-replica-identity: false):
    --   CREATE PUBLICATION %3$s FOR TABLE <source>, <source>
    --     WITH (publish_via_partition_root = true);
    --   ALTER TABLE <source> REPLICA IDENTITY FULL;   -- where freshet explain asks for it

    -- The server needs wal_level = logical (a restart), and one free replication slot and
    -- walsender:
    --   ALTER SYSTEM SET wal_level = 'logical';
    """
        .formatted(role, database, publication);
  }

  private static final List<String> NEEDS_QUOTES =
      List.of("user", "all", "table", "order", "group", "select", "current_user");

  /** {@code name} as SQL text, quoted only where it must be. */
  public static String identifier(String name) {
    boolean plain =
        name.matches("[a-z_][a-z0-9_]*") && !NEEDS_QUOTES.contains(name.toLowerCase(Locale.ROOT));
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
