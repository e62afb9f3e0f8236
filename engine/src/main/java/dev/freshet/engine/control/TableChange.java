package dev.freshet.engine.control;

import java.util.List;
import java.util.Optional;

/**
 * What applying a file means for one stream table.
 *
 * @param place where the file has its query; for one that the file does not have, the file that it
 *     came from; empty if it came from none
 * @param query the difference of the queries; empty if they are the same
 * @param settings those that differ
 * @param columns how the table's columns change, for people: {@code add n bigint}
 * @param refreshClass of the wanted query: {@code algebraic}, {@code affected keys} or {@code
 *     full}; empty where it was not compiled
 * @param reason why the class is full, or why the query could not be compiled yet; else empty
 * @param problem why it cannot be applied
 * @param outcome what was done; empty in a plan, and where there was nothing to do
 */
public record TableChange(
    String name,
    Action action,
    String place,
    Optional<QueryChange> query,
    List<SettingChange> settings,
    List<String> columns,
    Optional<String> refreshClass,
    String reason,
    Optional<Reply.Failed> problem,
    Optional<Outcome> outcome) {

  public TableChange {
    settings = List.copyOf(settings);
    columns = List.copyOf(columns);
  }

  /** What is to be done. */
  public enum Action {
    CREATE,
    ALTER,
    DROP,
    UNCHANGED,
    /** Not in the file, and left alone. */
    KEPT,
    /** It cannot be applied; see the problem. */
    INVALID;

    /** Whether anything becomes different by it. */
    public boolean changes() {
      return switch (this) {
        case CREATE, ALTER, DROP -> true;
        case UNCHANGED, KEPT, INVALID -> false;
      };
    }
  }

  /**
   * @param before empty for a new stream table
   * @param sameMeaning whether PostgreSQL reads both as the same query: only the text is stored
   */
  public record QueryChange(Optional<String> before, String after, boolean sameMeaning) {}

  /** Values as they are written; empty stands for the general setting. */
  public record SettingChange(String key, Optional<String> before, Optional<String> after) {}

  /**
   * @param failure empty if it was done
   */
  public record Outcome(
      long rows, double milliseconds, List<String> notices, Optional<Reply.Failed> failure) {
    public Outcome {
      notices = List.copyOf(notices);
    }
  }

  /** The same with what became of it. */
  public TableChange with(Outcome done) {
    return new TableChange(
        name,
        action,
        place,
        query,
        settings,
        columns,
        refreshClass,
        reason,
        problem,
        Optional.of(done));
  }

  /** Whether it cannot be applied, or could not. */
  public boolean failed() {
    return problem.isPresent() || outcome.flatMap(Outcome::failure).isPresent();
  }
}
