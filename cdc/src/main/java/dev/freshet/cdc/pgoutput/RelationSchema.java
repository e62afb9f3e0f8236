package dev.freshet.cdc.pgoutput;

import java.util.List;
import java.util.OptionalInt;

/**
 * A table as a Relation message describes it: the columns that are published, in the order in which
 * tuples carry them.
 *
 * @param oid the table's oid; of a partition under {@code publish_via_partition_root} the root's
 * @param identity which old rows the log carries
 */
public record RelationSchema(
    int oid, String namespace, String name, Identity identity, List<Column> columns) {
  public RelationSchema {
    columns = List.copyOf(columns);
  }

  /**
   * One published column.
   *
   * @param key whether it belongs to the replica identity (every column does under FULL)
   * @param typeOid the column's type, which may be a domain
   */
  public record Column(String name, boolean key, int typeOid, int typeModifier) {}

  /** {@code pg_class.relreplident}. */
  public enum Identity {
    DEFAULT('d'),
    NOTHING('n'),
    FULL('f'),
    INDEX('i');

    private final char code;

    Identity(char code) {
      this.code = code;
    }

    /**
     * The identity with catalog letter {@code code}.
     *
     * @throws IllegalArgumentException if PostgreSQL knows no such letter
     */
    public static Identity of(char code) {
      for (Identity identity : values()) {
        if (identity.code == code) {
          return identity;
        }
      }
      throw new IllegalArgumentException("not a replica identity (d, n, f, i): '" + code + "'");
    }

    /** As ALTER TABLE … REPLICA IDENTITY writes it. */
    public String sql() {
      return this == INDEX ? "USING INDEX" : name();
    }
  }

  /** Where {@code column} stands in a tuple, or nothing if the log does not carry it. */
  public OptionalInt indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /** Schema-qualified name for messages; not quoted for SQL. */
  public String qualifiedName() {
    return namespace + "." + name;
  }
}
