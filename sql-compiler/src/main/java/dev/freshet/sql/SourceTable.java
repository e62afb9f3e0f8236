package dev.freshet.sql;

import java.util.List;
import java.util.Optional;

/**
 * A relation that the defining query reads, itself or through a view.
 *
 * @param primaryKey its columns in index order; empty if there is none (or it is deferrable)
 * @param estimatedRows {@code pg_class.reltuples}, summed over partitions; −1 if never analysed
 */
public record SourceTable(
    int oid,
    TableName name,
    Kind kind,
    List<Column> columns,
    List<String> primaryKey,
    ReplicaIdentity replicaIdentity,
    double estimatedRows) {

  public SourceTable {
    columns = List.copyOf(columns);
    primaryKey = List.copyOf(primaryKey);
  }

  /** What kind of relation it is. Only TABLE and PARTITIONED deliver changes. */
  public enum Kind {
    TABLE,
    PARTITIONED,
    /** Has children by INHERITS: changes of children arrive under the child's name. */
    INHERITANCE_PARENT,
    UNLOGGED,
    TEMPORARY,
    VIEW,
    MATERIALIZED_VIEW,
    FOREIGN,
    SYSTEM;

    public boolean deliversChanges() {
      return this == TABLE || this == PARTITIONED;
    }
  }

  /** {@code pg_class.relreplident}. */
  public enum ReplicaIdentity {
    DEFAULT,
    FULL,
    NOTHING,
    INDEX
  }

  /**
   * A column of the table.
   *
   * @param virtual a generated column that is computed when read: the log does not carry it
   * @param collation quoted and schema-qualified; empty where it is the type's own. A delta's
   *     values must compare as the column's do
   */
  public record Column(
      String name, ColumnType type, boolean notNull, boolean virtual, Optional<String> collation) {
    /** A column whose collation is its type's own. */
    public Column(String name, ColumnType type, boolean notNull, boolean virtual) {
      this(name, type, notNull, virtual, Optional.empty());
    }
  }

  public Optional<Column> column(String columnName) {
    return columns.stream().filter(c -> c.name().equals(columnName)).findFirst();
  }
}
