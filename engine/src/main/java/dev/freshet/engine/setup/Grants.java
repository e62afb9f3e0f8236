package dev.freshet.engine.setup;

import dev.freshet.config.CdcConfig;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.config.StreamTableConfig;
import dev.freshet.sql.TableName;
import dev.freshet.sql.TablesNamed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The SQL with which an administrator makes a role that can do Freshet's work and no more: for the
 * configured role, database, publication and stream tables, and the tables that their queries name.
 *
 * <p>Every statement is needed and no other is; a test takes each away in turn.
 */
public final class Grants {
  private static final String PLACEHOLDER = "<source>";

  private final CdcConfig cdc;
  private final String user;
  private final String role;
  private final String database;
  private final Set<String> schemas = new TreeSet<>();
  private final Set<TableName> sources = new TreeSet<>();

  /** Stream tables whose sources are not known here. */
  private final List<String> unread = new ArrayList<>();

  private Grants(FreshetConfig config) {
    this.cdc = config.cdc();
    this.user = config.database().user();
    this.role = identifier(user);
    this.database = identifier(config.database().name());
    Set<TableName> streamTables = new TreeSet<>();
    for (StreamTableConfig table : config.streamTables()) {
      schemas.add(table.name().schema());
      streamTables.add(new TableName(table.name().schema(), table.name().table()));
      TablesNamed.in(table.query())
          .ifPresentOrElse(sources::addAll, () -> unread.add(table.name().toString()));
    }
    sources.removeAll(streamTables);
    sources.removeIf(source -> source.schema().equals("pg_catalog"));
    if (schemas.isEmpty()) {
      schemas.add("public");
    }
  }

  /** A script for {@code psql}. */
  public static String script(FreshetConfig config) {
    Grants grants = new Grants(config);
    return grants.role()
        + "\n"
        + grants.own()
        + grants.reading()
        + grants.capture()
        + grants.missing();
  }

  private String missing() {
    return unread.isEmpty()
        ? ""
        : """

        -- Not covered, since the query could not be read without the server: the sources of %s.
        -- Grant on them what is granted on the other sources.
        """
            .formatted(String.join(", ", unread));
  }

  private String role() {
    return """
    -- For an administrator to run in database %2$s; leave out what is there already.

    -- The role. Replication:
    --   Amazon RDS, Aurora   leave REPLICATION out, and: GRANT rds_replication TO %1$s;
    --   Google Cloud SQL     ALTER USER %1$s WITH REPLICATION;
    --   Azure                ALTER ROLE %1$s WITH REPLICATION;   as the server's administrator
    CREATE ROLE %1$s LOGIN REPLICATION;
    \\password %1$s
    GRANT CONNECT, TEMPORARY ON DATABASE %2$s TO %1$s;
    """
        .formatted(role, database);
  }

  private String own() {
    return """
    %3$s-- Stream tables; the role owns them. Repeat for every schema that shall hold some.
    %2$s
    -- Where another role served Freshet before: REASSIGN OWNED BY <that role> TO %1$s;
    """
        .formatted(
            role,
            schemas.stream()
                .map(
                    schema ->
                        "GRANT USAGE, CREATE ON SCHEMA %s TO %s;\n"
                            .formatted(identifier(schema), role))
                .collect(Collectors.joining()),
            makesPublication()
                ? ""
                : """
                -- Freshet's own tables: definitions, frontiers, history.
                CREATE SCHEMA freshet AUTHORIZATION %s;

                """
                    .formatted(role));
  }

  /** Then it may create in the database, its own schema included. */
  private boolean makesPublication() {
    return cdc.mode() != CdcMode.TRIGGER && cdc.managePublication();
  }

  /**
   * Of a view, also the tables beneath: they are locked, and deltas are joined with them. A member
   * of the owners may read all of it.
   */
  private String reading() {
    if (!sources.isEmpty() && makesPublication()) {
      return "";
    }
    if (sources.isEmpty()) {
      return """

      -- Sources. For every schema that holds some, and the last line for every role that creates
      -- tables there (it covers only that role's tables).
      GRANT USAGE ON SCHEMA public TO %1$s;
      GRANT SELECT ON ALL TABLES IN SCHEMA public TO %1$s;
      ALTER DEFAULT PRIVILEGES /* FOR ROLE <owner> */ IN SCHEMA public GRANT SELECT ON TABLES TO %1$s;
      """
          .formatted(role);
    }
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("-- Sources of the configured stream tables. Of a view, also the tables beneath it.");
    sources.stream()
        .map(TableName::schema)
        .distinct()
        .filter(schema -> !schemas.contains(schema))
        .forEach(
            schema ->
                lines.add("GRANT USAGE ON SCHEMA %s TO %s;".formatted(identifier(schema), role)));
    lines.add("GRANT SELECT ON %s TO %s;".formatted(list(sources), role));
    return String.join("\n", lines) + "\n";
  }

  /** What the way in which changes are captured needs besides. */
  private String capture() {
    return switch (cdc.mode()) {
      case WAL, DEBEZIUM, AUTO -> published() + identities() + server();
      case TRIGGER -> triggers();
    };
  }

  private String triggers() {
    return """

    -- Triggers on the sources write changes to buffer tables in schema freshet. Only a table's owner
    -- can have them fire always.
    %s\
    """
        .formatted(owners());
  }

  private String published() {
    String publication = identifier(cdc.publicationName());
    if (!cdc.managePublication()) {
      return """

      -- cdc.manage-publication is false: the sources' owner publishes them. Before freshet init,
      -- since the slot must be younger than the publication; it needs CREATE on the database.
      CREATE PUBLICATION %1$s FOR TABLE %2$s
        WITH (publish_via_partition_root = true);
      """
          .formatted(publication, sources.isEmpty() ? PLACEHOLDER : list(sources));
    }
    return """

    -- cdc.manage-publication is true: the role makes the publication, and schema freshet for its own
    -- tables, and adds sources to the publication, which only a table's owner can; so it becomes a member of the owners, and may do what they may. Set
    -- it to false to have SELECT on the sources do.
    GRANT CREATE ON DATABASE %1$s TO %2$s;
    %3$s\
    """
        .formatted(database, role, owners());
  }

  private String identities() {
    if (cdc.manageReplicaIdentity() && cdc.managePublication()) {
      return "";
    }
    if (cdc.manageReplicaIdentity()) {
      return """

      -- cdc.manage-replica-identity is true: only a table's owner can set that.
      %s\
      """
          .formatted(owners());
    }
    return """

    -- cdc.manage-replica-identity is false: the owner sets it where freshet explain asks for it.
    %s\
    """
        .formatted(
            (sources.isEmpty() ? List.of(PLACEHOLDER) : sources.stream().map(Grants::name).toList())
                .stream()
                    .map("--   ALTER TABLE %s REPLICA IDENTITY FULL;\n"::formatted)
                    .collect(Collectors.joining()));
  }

  private String owners() {
    if (sources.isEmpty()) {
      return "--   GRANT <owner of the sources> TO " + role + ";\n";
    }
    return """
    DO $grant$ DECLARE owner name; BEGIN
      FOR owner IN SELECT DISTINCT pg_get_userbyid(c.relowner) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND (n.nspname, c.relname) IN (%s)
      LOOP EXECUTE format('GRANT %%I TO %%I', owner, %s); END LOOP; END $grant$;
    """
        .formatted(
            sources.stream()
                .map(s -> "(%s, %s)".formatted(literal(s.schema()), literal(s.table())))
                .collect(Collectors.joining(", ")),
            literal(user));
  }

  private static String server() {
    return """

    -- The server needs wal_level = logical (a restart), and one free replication slot and walsender:
    --   ALTER SYSTEM SET wal_level = 'logical';
    """;
  }

  private static String list(Collection<TableName> tables) {
    return tables.stream().map(Grants::name).collect(Collectors.joining(", "));
  }

  private static String name(TableName table) {
    return identifier(table.schema()) + "." + identifier(table.table());
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** PostgreSQL's reserved key words (manual, appendix C), as far as somebody may use them. */
  private static final Set<String> NEEDS_QUOTES =
      Set.of(
          "all",
          "analyse",
          "analyze",
          "and",
          "any",
          "array",
          "as",
          "asc",
          "both",
          "case",
          "cast",
          "check",
          "collate",
          "column",
          "constraint",
          "create",
          "current_date",
          "current_role",
          "current_time",
          "current_timestamp",
          "current_user",
          "default",
          "deferrable",
          "desc",
          "distinct",
          "do",
          "else",
          "end",
          "except",
          "false",
          "fetch",
          "for",
          "foreign",
          "from",
          "grant",
          "group",
          "having",
          "in",
          "initially",
          "intersect",
          "into",
          "lateral",
          "leading",
          "limit",
          "localtime",
          "localtimestamp",
          "not",
          "null",
          "offset",
          "on",
          "only",
          "or",
          "order",
          "placing",
          "primary",
          "references",
          "returning",
          "select",
          "session_user",
          "some",
          "symmetric",
          "system_user",
          "table",
          "then",
          "to",
          "trailing",
          "true",
          "union",
          "unique",
          "user",
          "using",
          "variadic",
          "when",
          "where",
          "window",
          "with",
          "authorization",
          "binary",
          "collation",
          "concurrently",
          "cross",
          "current_schema",
          "freeze",
          "full",
          "ilike",
          "inner",
          "is",
          "isnull",
          "join",
          "left",
          "like",
          "natural",
          "notnull",
          "outer",
          "overlaps",
          "right",
          "similar",
          "tablesample",
          "verbose");

  /** {@code name} as SQL text, quoted only where it must be. */
  public static String identifier(String name) {
    boolean plain = name.matches("[a-z_][a-z0-9_]*") && !NEEDS_QUOTES.contains(name);
    return plain ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
