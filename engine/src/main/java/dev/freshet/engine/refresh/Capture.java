package dev.freshet.engine.refresh;

import dev.freshet.sql.SourceTable;
import java.util.Set;

/** What refreshes and their frontiers must know of how changes are captured. */
public interface Capture {

  /** How a refresh learns that all which its snapshot sees has been received. */
  enum Marking {
    /** A flushed message, emitted by the statement that takes the snapshot (17 and later). */
    IN_OPENING,
    /** A small commit of its own behind the snapshot, since a message cannot flush. */
    BY_COMMIT,
    /** Not at all: whatever a snapshot sees can be read from the server at once. */
    UNNEEDED
  }

  /** Where the changes come from: stored with every frontier. */
  String origin();

  Marking marking();

  /**
   * SQL expressions, with commas between, that tell one registration of a source from another:
   * changes between two of them may be lost.
   *
   * @param relation an expression for the source's oid
   * @param columns numbers of the columns that the query reads
   */
  String registration(String relation, Set<Integer> columns);

  /** Whether replica identities decide which old values are known; if not, all are. */
  boolean readsLog();

  /** Whether the changes of a table can be had at all. */
  boolean canAnnounce(SourceTable table);
}
