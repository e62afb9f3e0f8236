package dev.freshet.engine.survey;

import dev.freshet.sql.RefreshClass;
import java.util.Optional;

/**
 * One query of a workload and what Freshet would do with it.
 *
 * @param name of its view, as it is written there; of any other query {@code query N}, counted in
 *     its file
 * @param comment what stands above it in line comments; may be empty
 * @param text of the query alone
 */
public record JudgedQuery(String name, Place place, String comment, String text, Outcome outcome) {

  /** What {@code freshet create} would answer. */
  public sealed interface Outcome {}

  /**
   * @param refreshClass {@code ALGEBRAIC} or {@code AFFECTED_KEYS}
   */
  public record Incremental(RefreshClass refreshClass) implements Outcome {}

  /**
   * Kept exact, at the cost of evaluating the query in each refresh.
   *
   * @param reason why
   */
  public record Full(String reason) implements Outcome {}

  /**
   * No stream table.
   *
   * @param remedy what to do; may be empty
   * @param position of the fault in the query's text, in characters from 1
   * @param place the same in the file
   */
  public record Refused(
      String message,
      String remedy,
      Optional<String> sqlState,
      Optional<Integer> position,
      Optional<Place> place)
      implements Outcome {}
}
