package dev.freshet.sql;

import java.util.List;

/**
 * One operator of the tree as {@code explain} shows it.
 *
 * @param operator its algebraic text, for example {@code Filter((amount > 5000))}
 * @param reason why it has this class; for FULL also what would make it incremental
 */
public record OperatorNote(
    String operator, RefreshClass refreshClass, String reason, List<OperatorNote> inputs) {
  public OperatorNote {
    inputs = List.copyOf(inputs);
  }
}
