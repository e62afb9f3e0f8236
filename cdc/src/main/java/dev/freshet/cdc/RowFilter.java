package dev.freshet.cdc;

import java.util.List;

/**
 * Which rows a reader can notice. It may only leave out a row that makes no difference to the
 * reader, and must keep one of which it cannot tell.
 *
 * <p>Filters that decide alike should be equal: equal views are computed once.
 */
public interface RowFilter {
  /** Length of a value that is NULL. */
  int NULL = -1;

  /** Length of a value that the log lacks, or has as output text. */
  int ABSENT = -2;

  /** Keeps every row. */
  RowFilter ALL =
      new RowFilter() {
        @Override
        public List<String> columns() {
          return List.of();
        }

        @Override
        public Test over(int[] typeOids) {
          return (_, _, _) -> true;
        }

        @Override
        public String toString() {
          return "all rows";
        }
      };

  /** The columns that it looks at; none if it keeps every row. */
  List<String> columns();

  /**
   * The filter for rows whose values have these types.
   *
   * @param typeOids by column, as the log describes it; 0 if it does not carry the column
   */
  Test over(int[] typeOids);

  /** Decides. Stateless. */
  @FunctionalInterface
  interface Test {
    /**
     * Whether the row may be noticed.
     *
     * @param bytes holds the values in send format
     * @param starts by column, the offset of the value's first byte
     * @param lengths by column, in bytes, or {@link #NULL} or {@link #ABSENT}
     */
    boolean keeps(byte[] bytes, int[] starts, int[] lengths);
  }
}
