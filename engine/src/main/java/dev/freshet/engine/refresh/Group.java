package dev.freshet.engine.refresh;

import dev.freshet.engine.FreshetException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stream tables that are refreshed in one transaction, at one cut: those that read each other.
 *
 * @param parts each after all that it reads
 */
public record Group(List<Part> parts) {
  public Group {
    parts = List.copyOf(parts);
  }

  /**
   * One stream table of the group.
   *
   * @param upstreams those of the group that it reads
   * @param waiting why it is left out, for people; empty if it takes part
   */
  public record Part(
      Maintained table, List<Maintained> upstreams, Request request, Optional<String> waiting) {
    public Part {
      upstreams = List.copyOf(upstreams);
    }

    /**
     * An upstream was refreshed without this table, or the other way round: no delta leads from
     * here to there.
     */
    public Optional<Maintained> passedBy() {
      return upstreams.stream()
          .filter(upstream -> !upstream.frontier().snapshot().equals(table.frontier().snapshot()))
          .findFirst();
    }
  }

  /** What became of a part. */
  public sealed interface Result {
    /** It stands at the group's cut now. */
    record Refreshed(Outcome outcome) implements Result {}

    /** Nothing was to be done: no transaction was opened. */
    record Idle() implements Result {}

    /** Its own statements failed; it stands where it stood. */
    record Failed(FreshetException cause) implements Result {}

    /** It stands where it stood, because of a stream table that it reads. */
    record Waiting(String reason) implements Result {}
  }

  /**
   * What became of all parts.
   *
   * @param uncaptured stream tables whose triggers are missing: their dependents were refreshed in
   *     full
   */
  public record Results(Map<Maintained, Result> byTable, List<Maintained> uncaptured) {}
}
