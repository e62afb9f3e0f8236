package dev.freshet.engine.control;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.freshet.engine.FreshetException;
import java.util.List;
import java.util.Optional;

/** The answer to a {@link Command}. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "reply")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Reply.Done.class, name = "done"),
  @JsonSubTypes.Type(value = Reply.Created.class, name = "created"),
  @JsonSubTypes.Type(value = Reply.Applied.class, name = "applied"),
  @JsonSubTypes.Type(value = Reply.Refreshed.class, name = "refreshed"),
  @JsonSubTypes.Type(value = Reply.Audited.class, name = "audited"),
  @JsonSubTypes.Type(value = Reply.StatusOf.class, name = "status"),
  @JsonSubTypes.Type(value = Reply.Failed.class, name = "failed"),
})
public sealed interface Reply {

  record Done(String summary) implements Reply {}

  /**
   * @param refreshClass {@code algebraic}, {@code affected keys} or {@code full}
   * @param notices what the user should know: replica identity changed, reason for FULL, …
   */
  record Created(
      String name, String refreshClass, long rows, double milliseconds, List<String> notices)
      implements Reply {}

  /** In the order in which they were, or would be, done. */
  record Applied(List<TableChange> changes) implements Reply {}

  record Refreshed(List<RefreshReport> reports) implements Reply {}

  record Audited(List<AuditReport> reports) implements Reply {}

  record StatusOf(EngineStatus status) implements Reply {}

  record Failed(
      FreshetException.Kind kind,
      String message,
      String remedy,
      Optional<String> sqlState,
      Optional<Integer> position)
      implements Reply {

    public static Failed of(FreshetException e) {
      return new Failed(
          e.kind(), String.valueOf(e.getMessage()), e.remedy(), e.sqlState(), e.position());
    }

    public FreshetException toException() {
      return FreshetException.received(kind, message, remedy, sqlState, position);
    }
  }
}
