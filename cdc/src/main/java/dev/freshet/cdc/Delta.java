package dev.freshet.cdc;

/** What changed in one source between two snapshots, as one {@link DeltaView} shows it. */
public sealed interface Delta {
  /** Nothing changed that the view can see. */
  record Empty() implements Delta {}

  /**
   * Rows, in the shape that the view describes.
   *
   * @param rows the rows, column by column
   * @param complete false if a {@link DeltaView.Keyed} row lacks a value (an unchanged TOAST value
   *     under replica identity default, or a column that the log does not carry): the caller must
   *     then read the rows of these keys from the source at its snapshot
   * @param changes how many row changes (insert, update, delete) were consolidated into these rows
   */
  record Rows(DeltaRows rows, boolean complete, long changes) implements Delta {}

  /** A {@link DeltaView.Reduced} delta that has a value which cannot be summed exactly. */
  record Unreducible(String column) implements Delta {}

  /**
   * The log does not tell what changed: TRUNCATE, a transaction dropped from the buffer for lack of
   * memory, an old row that was not logged. Only a full refresh is right.
   */
  record Unknown(String reason) implements Delta {}
}
