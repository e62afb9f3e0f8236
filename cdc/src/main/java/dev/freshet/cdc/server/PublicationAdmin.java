package dev.freshet.cdc.server;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Creates, changes and checks the publication.
 *
 * <p>It publishes with {@code publish_via_partition_root}, so that changes of partitions arrive as
 * the root's. A partition that is read as a source of its own while its root is published therefore
 * gets no changes; {@link #check} finds that.
 */
public final class PublicationAdmin {
  /**
   * A publication.
   *
   * @param operationsLeftOut what of insert, update, delete, truncate it leaves out
   * @param tables what it publishes, by table oid; of partitioned tables the roots
   */
  public record Publication(
      String name,
      boolean allTables,
      boolean viaPartitionRoot,
      List<String> operationsLeftOut,
      Map<Integer, Member> tables) {
    public Publication {
      operationsLeftOut = List.copyOf(operationsLeftOut);
      tables = Map.copyOf(tables);
    }
  }

  /** A published table; a filter or column list hides changes. */
  public record Member(int oid, TableName name, boolean filtered, boolean columnList) {}

  private final Connection connection;
  private final String name;

  public PublicationAdmin(Connection connection, String name) {
    this.connection = connection;
    this.name = name;
  }

  /** Reads the catalog; nothing if there is no such publication. */
  public Optional<Publication> describe() throws SQLException {
    String query =
        """
        SELECT puballtables, pubviaroot, pubinsert, pubupdate, pubdelete, pubtruncate
        FROM pg_catalog.pg_publication WHERE pubname = ?\
        """;
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        List<String> leftOut = new ArrayList<>();
        for (String operation : List.of("insert", "update", "delete", "truncate")) {
          if (!row.getBoolean("pub" + operation)) {
            leftOut.add(operation);
          }
        }
        return Optional.of(
            new Publication(
                name,
                row.getBoolean("puballtables"),
                row.getBoolean("pubviaroot"),
                leftOut,
                members()));
      }
    }
  }

  private Map<Integer, Member> members() throws SQLException {
    String query =
        """
        SELECT c.oid::int8 AS oid, t.schemaname, t.tablename, t.rowfilter IS NOT NULL AS filtered,
               coalesce(r.prattrs IS NOT NULL, false) AS listed
        FROM pg_catalog.pg_publication_tables t
        JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname
        JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
        JOIN pg_catalog.pg_publication p ON p.pubname = t.pubname
        LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
        WHERE t.pubname = ?\
        """;
    Map<Integer, Member> members = new TreeMap<>();
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setString(1, name);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          int oid = (int) row.getLong("oid");
          TableName table = new TableName(row.getString("schemaname"), row.getString("tablename"));
          members.put(
              oid, new Member(oid, table, row.getBoolean("filtered"), row.getBoolean("listed")));
        }
      }
    }
    return members;
  }

  /** The statement that {@link #create} runs. */
  public String createSql(Collection<TableName> tables) {
    String members = tables.isEmpty() ? "" : " FOR TABLE " + list(tables);
    return "CREATE PUBLICATION %s%s WITH (publish_via_partition_root = true)"
        .formatted(Sql.identifier(name), members);
  }

  public String addSql(Collection<TableName> tables) {
    return "ALTER PUBLICATION %s ADD TABLE %s".formatted(Sql.identifier(name), list(tables));
  }

  public String dropSql(Collection<TableName> tables) {
    return "ALTER PUBLICATION %s DROP TABLE %s".formatted(Sql.identifier(name), list(tables));
  }

  private static String list(Collection<TableName> tables) {
    return tables.stream().map(TableName::sql).collect(Collectors.joining(", "));
  }

  /** Creates the publication; needs CREATE on the database and ownership of the tables. */
  public void create(Collection<TableName> tables) throws SQLException {
    run(createSql(tables));
  }

  /**
   * Adds tables. Then wait with {@link OlderTransactions} before filling from them: what
   * transactions wrote before and commit later is not published.
   */
  public void add(Collection<TableName> tables) throws SQLException {
    run(addSql(tables));
  }

  public void drop(Collection<TableName> tables) throws SQLException {
    run(dropSql(tables));
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What keeps the publication from delivering all changes of {@code needed} (oid to name). */
  public List<Finding> check(Map<Integer, TableName> needed) throws SQLException {
    Optional<Publication> described = describe();
    if (described.isEmpty()) {
      return List.of(
          new Finding(
              "publication \"%s\" does not exist".formatted(name),
              "no change can be captured",
              List.of(createSql(needed.values()) + ";")));
    }
    Publication publication = described.get();
    List<Finding> findings = new ArrayList<>();
    String set = "ALTER PUBLICATION %s SET ".formatted(Sql.identifier(name));
    if (!publication.viaPartitionRoot()) {
      findings.add(
          new Finding(
              "publication \"%s\" has publish_via_partition_root = false".formatted(name),
              "changes of partitions arrive under the partitions' names and are not recognised",
              List.of(set + "(publish_via_partition_root = true);")));
    }
    if (!publication.operationsLeftOut().isEmpty()) {
      findings.add(
          new Finding(
              "publication \"%s\" leaves out %s"
                  .formatted(name, String.join(", ", publication.operationsLeftOut())),
              "these changes are missed",
              List.of(set + "(publish = 'insert, update, delete, truncate');")));
    }
    for (Map.Entry<Integer, TableName> table : needed.entrySet()) {
      checkMember(publication, table.getKey(), table.getValue()).ifPresent(findings::add);
    }
    return findings;
  }

  private Optional<Finding> checkMember(Publication publication, int oid, TableName table)
      throws SQLException {
    Member member = publication.tables().get(oid);
    if (member != null) {
      if (!member.filtered() && !member.columnList()) {
        return Optional.empty();
      }
      return Optional.of(
          new Finding(
              "publication \"%s\" has a row filter or column list on %s".formatted(name, table),
              "some of its changes are missed",
              List.of(dropSql(List.of(table)) + ";", addSql(List.of(table)) + ";")));
    }
    Optional<TableName> root = publishedAncestor(publication, oid);
    if (root.isPresent()) {
      return Optional.of(
          new Finding(
              "%s is a partition, and its root %s is published".formatted(table, root.get()),
              "its changes arrive as the root's; it cannot be a source of its own",
              List.of("-- use " + root.get() + " in the query, filtered by the partition key")));
    }
    return Optional.of(
        new Finding(
            "publication \"%s\" does not publish %s".formatted(name, table),
            "its changes are not captured",
            List.of(addSql(List.of(table)) + ";")));
  }

  private Optional<TableName> publishedAncestor(Publication publication, int oid)
      throws SQLException {
    String query = "SELECT relid::oid::int8 FROM pg_catalog.pg_partition_ancestors(?::int8::oid)";
    try (PreparedStatement statement = connection.prepareStatement(query)) {
      statement.setLong(1, Integer.toUnsignedLong(oid));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Member ancestor = publication.tables().get((int) row.getLong(1));
          if (ancestor != null) {
            return Optional.of(ancestor.name());
          }
        }
      }
    }
    return Optional.empty();
  }
}
