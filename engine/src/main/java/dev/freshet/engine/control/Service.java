package dev.freshet.engine.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the engine as a whole is doing.
 *
 * @param state {@code serving}, {@code attaching}, {@code waiting}: cannot serve until something
 *     outside is put right; {@code standing by}: another engine serves; {@code none}: no engine
 *     runs
 * @param since when it came to be so
 * @param cause why it does not serve; empty if it does
 * @param remedy what a person can do about it; empty if nothing
 * @param reattachments how often the engine attached anew since its process began
 * @param lastIncident the last thing that had to be healed
 * @param standbys who would take over, as {@code application (pid … from …, since …)}
 * @param pooler what stands between the engine and the server, and what goes through it; empty if
 *     nothing does
 */
public record Service(
    String state,
    Instant since,
    String cause,
    String remedy,
    int reattachments,
    Optional<Incident> lastIncident,
    List<String> standbys,
    String pooler) {
  public static final String SERVING = "serving";
  public static final String ATTACHING = "attaching";
  public static final String WAITING = "waiting";
  public static final String STANDING_BY = "standing by";
  public static final String NONE = "none";

  public Service {
    standbys = List.copyOf(standbys);
  }

  /** The same with those who stand by. */
  public Service with(List<String> others) {
    return new Service(state, since, cause, remedy, reattachments, lastIncident, others, pooler);
  }

  /** Of an engine that serves and of which nothing else is to be told. */
  public static Service serving(Instant since) {
    return new Service(SERVING, since, "", "", 0, Optional.empty(), List.of(), "");
  }

  /** Where no engine runs. */
  public static Service none(Optional<Incident> lastIncident, List<String> standbys) {
    return new Service(NONE, Instant.EPOCH, "", "", 0, lastIncident, standbys, "");
  }
}
