package dev.freshet.chaos;

import dev.freshet.embedded.PgVersion;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The kinds of events, as the command line names them. */
enum Kind {
  ENGINE_KILL("engine-kill", "engine: SIGKILL, started again", EngineFaults::kill),
  ENGINE_TERM("engine-term", "engine: SIGTERM, started again", EngineFaults::terminate),
  ENGINE_PAUSE("engine-pause", "engine: SIGSTOP beyond wal_sender_timeout", EngineFaults::holdUp),
  TAKEOVER("takeover", "engine: SIGKILL, a stand-by takes over", EngineFaults::takeOver),
  SECOND_ENGINE("second-engine", "a second engine started by mistake", EngineFaults::startSecond),
  BACKENDS("backends", "engine's backends terminated", ServerFaults::endBackends),
  WALSENDER("walsender", "walsender terminated", ServerFaults::endWalSender),
  SERVER_RESTART("server-restart", "server: fast shutdown, start", ServerFaults::restart),
  SERVER_STOP("server-stop", "server: immediate shutdown, start", ServerFaults::stopAtOnce),
  SERVER_CRASH("server-crash", "server: SIGKILL, start", ServerFaults::crash),
  NETWORK_CUT("network-cut", "connections cut and refused", NetworkFaults::cut),
  NETWORK_SLOW("network-slow", "connections slowed down", NetworkFaults::slow),
  HALF_OPEN("half-open", "connections closed, unknown to the engine", NetworkFaults::halfOpen),
  SILENCE("silence", "connections dead, unknown to both sides", NetworkFaults::silence),
  SLOT_DROP("slot-drop", "slot dropped", CaptureFaults::dropSlot),
  SLOT_LOST("slot-lost", "slot invalidated: log removed", CaptureFaults::invalidateSlot),
  SLOT_IDLE("slot-idle", "slot invalidated: idle", PgVersion.V18, CaptureFaults::forgetSlot),
  PUBLICATION("publication", "source taken out and put back", CaptureFaults::takeFromPublication),
  OVERFLOW("overflow", "more changes than the buffer holds", CaptureFaults::overflow),
  COLUMN_ADD("column-add", "unread column added and dropped", SourceFaults::addAndDropColumn),
  COLUMN_RENAME("column-rename", "column renamed and back", SourceFaults::renameColumn),
  COLUMN_TYPE("column-type", "column rewritten", SourceFaults::rewriteColumn),
  TRUNCATE("truncate", "source truncated and filled", SourceFaults::truncate),
  IDENTITY("identity", "replica identity changed and back", SourceFaults::changeIdentity),
  VACUUM_FULL("vacuum-full", "VACUUM FULL of a source", SourceFaults::vacuumFull),
  CLUSTER("cluster", "CLUSTER of a source", SourceFaults::cluster),
  PARTITION("partition", "partition detached and attached", SourceFaults::detachAndAttachPartition);

  private final String key;
  private final String description;
  private final PgVersion since;
  private final Fault fault;

  Kind(String key, String description, Fault fault) {
    this(key, description, PgVersion.V15, fault);
  }

  Kind(String key, String description, PgVersion since, Fault fault) {
    this.key = key;
    this.description = description;
    this.since = since;
    this.fault = fault;
  }

  String key() {
    return key;
  }

  String description() {
    return description;
  }

  Fault fault() {
    return fault;
  }

  /** All that a server of this version can suffer. */
  static List<Kind> on(PgVersion version) {
    return Arrays.stream(values()).filter(kind -> version.isAtLeast(kind.since)).toList();
  }

  /**
   * The kind of that name.
   *
   * @throws IllegalArgumentException with all names if there is none
   */
  static Kind named(String key) {
    return Arrays.stream(values())
        .filter(kind -> kind.key.equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown kind \"%s\"; there are %s".formatted(key, names())));
  }

  static String names() {
    return Arrays.stream(values()).map(Kind::key).collect(Collectors.joining(", "));
  }
}
