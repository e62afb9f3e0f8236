package dev.freshet.cdc.pgoutput;

import java.nio.ByteBuffer;

/**
 * What a decoder tells, in the order of the log. Positions are LSNs as unsigned 64-bit integers,
 * times are microseconds since 2000-01-01. A {@link Tuple} is valid during the call only.
 */
public interface PgOutputHandler {
  /** Which columns an old row carries. */
  enum OldRow {
    /** The replica identity's key columns; all others read as NULL. */
    KEY,
    /** Every column (replica identity full). */
    FULL
  }

  /**
   * A transaction begins.
   *
   * @param commitLsn position of its commit record
   * @param xid low half of its top-level transaction id
   */
  void begin(long commitLsn, long commitMicros, int xid);

  /**
   * The transaction ends.
   *
   * @param endLsn position behind the commit record
   */
  void commit(long commitLsn, long endLsn, long commitMicros);

  void origin(long commitLsn, String name);

  void relation(RelationSchema schema);

  void type(int oid, String namespace, String name);

  void insert(int relation, Tuple row);

  /** A row changed whose identity did not, and the old row was not logged. */
  void update(int relation, Tuple row);

  void update(int relation, OldRow kind, Tuple old, Tuple row);

  void delete(int relation, OldRow kind, Tuple old);

  void truncate(int[] relations, boolean cascade, boolean restartIdentity);

  /** A logical message ({@code pg_logical_emit_message}). */
  void message(boolean transactional, long lsn, String prefix, ByteBuffer content);
}
