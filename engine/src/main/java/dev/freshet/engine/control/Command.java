package dev.freshet.engine.control;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Something to be done by the engine. Names of stream tables are {@code schema.table} or {@code
 * table} (schema public), double-quoted where they need it; an empty list of names means all.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Command.Create.class, name = "create"),
  @JsonSubTypes.Type(value = Command.CreateOrReplace.class, name = "create-or-replace"),
  @JsonSubTypes.Type(value = Command.Apply.class, name = "apply"),
  @JsonSubTypes.Type(value = Command.Drop.class, name = "drop"),
  @JsonSubTypes.Type(value = Command.Alter.class, name = "alter"),
  @JsonSubTypes.Type(value = Command.Refresh.class, name = "refresh"),
  @JsonSubTypes.Type(value = Command.Pause.class, name = "pause"),
  @JsonSubTypes.Type(value = Command.Resume.class, name = "resume"),
  @JsonSubTypes.Type(value = Command.Audit.class, name = "audit"),
  @JsonSubTypes.Type(value = Command.SwitchCapture.class, name = "capture"),
  @JsonSubTypes.Type(value = Command.Status.class, name = "status"),
})
public sealed interface Command {

  /**
   * Creates and fills a stream table. Answer: {@link Reply.Created}.
   *
   * @param settings overrides by key ({@code schedule}, {@code mode}, {@code max-change-ratio}, …)
   */
  record Create(String name, String query, Map<String, String> settings, boolean ifNotExists)
      implements Command {}

  /**
   * Creates a stream table, or makes the one that exists be as if it had been created so. Answer:
   * {@link Reply.Created}, or {@link Reply.Done} if nothing is refreshed.
   *
   * @param settings all of them: what is not named goes back to the general setting
   */
  record CreateOrReplace(String name, String query, Map<String, String> settings)
      implements Command {}

  /**
   * Creates what is missing and alters what differs, or does nothing at all if one of the
   * declarations cannot be applied. Answer: {@link Reply.Applied}.
   *
   * @param prune whether to drop what came from a file and is not declared any more
   */
  record Apply(List<Declaration> declarations, boolean prune) implements Command {}

  /**
   * Drops a stream table. Answer: {@link Reply.Done}.
   *
   * @param cascade whether the stream tables that read it are dropped too; otherwise it is refused
   *     where there are any
   */
  record Drop(String name, boolean ifExists, boolean cascade) implements Command {
    public Drop(String name, boolean ifExists) {
      this(name, ifExists, false);
    }
  }

  /**
   * Changes settings, the query, or both. The table stays, its columns change where the query's do;
   * readers see old or new content, never less. Answer: {@link Reply.Created} if the query changed,
   * else {@link Reply.Done}.
   *
   * @param settings a key with an empty value goes back to the default
   */
  record Alter(String name, Optional<String> query, Map<String, String> settings)
      implements Command {}

  /**
   * Refreshes now and sees everything committed before the call. Answer: {@link Reply.Refreshed}.
   *
   * @param mode overrides the configured one: {@code auto}, {@code incremental}, {@code full}
   */
  record Refresh(List<String> names, Optional<String> mode) implements Command {}

  /** Stops refreshing; changes are kept. Answer: {@link Reply.Done}. */
  record Pause(List<String> names) implements Command {}

  /** Answer: {@link Reply.Done}. */
  record Resume(List<String> names) implements Command {}

  /**
   * Refreshes incrementally and compares stream table and query at that same snapshot. Answer:
   * {@link Reply.Audited}.
   *
   * @param limit differing rows to show per stream table
   */
  record Audit(List<String> names, int limit) implements Command {}

  /**
   * Captures changes in another way from now on, without a refill. Answer: {@link Reply.Done}.
   *
   * @param mode {@code wal}, {@code trigger}, {@code auto}, or {@code configured}: as {@code
   *     cdc.mode} says
   */
  record SwitchCapture(String mode) implements Command {}

  /** Answer: {@link Reply.StatusOf}. */
  record Status() implements Command {}
}
