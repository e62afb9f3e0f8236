package dev.freshet.cdc.staging;

import dev.freshet.cdc.Lsn;
import java.time.Instant;

/**
 * What is known of a chunk without its rows. Its place in the order of changes of its relation is
 * (batch, number).
 *
 * @param relation the table's oid
 * @param content whether there are rows, and if not why
 * @param firstCommit commit record of its first transaction
 * @param firstTime when that one was committed, by the server's clock
 * @param changes row changes in it
 * @param bytes of rows
 * @param continues whether its first transaction began in the chunk before
 * @param transactions whose rows it holds
 * @param layout which columns a row has, as the buffer describes it; shared, not to be changed
 */
public record StagedChunk(
    int generation,
    long batch,
    int number,
    int relation,
    Content content,
    Lsn firstCommit,
    Instant firstTime,
    long changes,
    long bytes,
    boolean continues,
    XidSet transactions,
    byte[] layout) {

  /** What a chunk holds. */
  public enum Content {
    /** Complete images. */
    ROWS,
    /** Images, of which some lack their old row. */
    ROWS_WITHOUT_OLD,
    /** Images, of which some lack a value. */
    ROWS_WITHOUT_VALUES,
    /** Both. */
    ROWS_WITHOUT_EITHER,
    /** The relation was truncated by the chunk's one transaction. */
    TRUNCATED,
    /** The rows of the chunk's one transaction were given up. */
    DROPPED;

    /** Rows as a log describes them. */
    public static Content of(boolean lacksOldRows, boolean lacksValues) {
      return lacksOldRows
          ? (lacksValues ? ROWS_WITHOUT_EITHER : ROWS_WITHOUT_OLD)
          : (lacksValues ? ROWS_WITHOUT_VALUES : ROWS);
    }

    public boolean lacksOldRows() {
      return this == ROWS_WITHOUT_OLD || this == ROWS_WITHOUT_EITHER;
    }

    public boolean lacksValues() {
      return this == ROWS_WITHOUT_VALUES || this == ROWS_WITHOUT_EITHER;
    }
  }

  /**
   * A chunk on its way to the server.
   *
   * @param directory per transaction {@code xid(8) commitLsn(8) end(4)}: where its images end
   * @param rows the images one after another
   */
  public record Draft(
      int relation,
      Content content,
      Lsn firstCommit,
      Instant firstTime,
      long changes,
      boolean continues,
      byte[] layout,
      byte[] directory,
      byte[] rows) {}

  /** Bytes of one transaction's entry in a directory. */
  public static final int ENTRY_BYTES = 20;
}
