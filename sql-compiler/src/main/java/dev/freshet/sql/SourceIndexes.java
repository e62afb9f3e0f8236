package dev.freshet.sql;

import java.util.List;
import java.util.Set;

/** What is known of the indexes of the sources; the compiler asks while it looks for gaps. */
public interface SourceIndexes {

  /**
   * Whether rows are found by equality on these columns, or by a range of a single one, without
   * reading the table: an index begins with some of them, or the table is so small that none is
   * needed.
   */
  boolean find(SourceTable table, Set<String> columns);

  /**
   * Of these columns those that an index should have, in its order; empty if none would help, since
   * their values repeat too often.
   */
  List<String> key(SourceTable table, List<String> columns);
}
