package dev.freshet.bench.contest;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One way to bring a table up to date after changes. Each refreshes a table of its own. */
@SuppressWarnings("ImmutableEnumChecker") // Map.of makes immutable maps.
public enum Contender {
  /** Our full refresh: evaluates the query, writes differences, blocks nobody. */
  FULL("full", Kind.STREAM_TABLE, Map.of("mode", "full"), "full", "FULL"),
  /** {@code REFRESH MATERIALIZED VIEW}: readers are blocked. */
  RMV("rmv", Kind.MATERIALIZED_VIEW, Map.of(), "", ""),
  /** {@code REFRESH MATERIALIZED VIEW CONCURRENTLY}: readers are not blocked. */
  RMVC("rmvc", Kind.MATERIALIZED_VIEW_CONCURRENTLY, Map.of(), "", ""),
  /** Our incremental refresh, with the threshold and the cost model off. */
  WAL("wal", Kind.STREAM_TABLE, incrementalAlways(), "incremental", "INCREMENTAL"),
  /** The same with changes from triggers, in a database of its own. */
  TRIGGER("trigger", Kind.STREAM_TABLE, incrementalAlways(), "incremental", "INCREMENTAL"),
  /** What a user gets. */
  AUTO("auto", Kind.STREAM_TABLE, Map.of(), "", ""),
  /** Our full refresh with the opt-in rebuild, which blocks readers as {@code rmv} does. */
  REBUILD("rebuild", Kind.STREAM_TABLE, Map.of("mode", "full", "full", "rebuild"), "", "REBUILD"),
  /** What a user gets who opted in to rebuilds. */
  AUTO_REBUILD("auto_rebuild", Kind.STREAM_TABLE, Map.of("full", "rebuild"), "", ""),
  /** As {@code wal}, but refreshed at once after the change: decoding is part of its time. */
  WAL_COLD("wal_cold", Kind.STREAM_TABLE, incrementalAlways(), "incremental", "INCREMENTAL"),
  /** As {@code auto}, refreshed at once after the change. */
  AUTO_COLD("auto_cold", Kind.STREAM_TABLE, Map.of(), "", "");

  /** What is refreshed. */
  public enum Kind {
    STREAM_TABLE,
    MATERIALIZED_VIEW,
    MATERIALIZED_VIEW_CONCURRENTLY
  }

  /** Those that are refreshed when the decoder has caught up, in the order of the report. */
  public static final List<Contender> WARM =
      List.of(FULL, RMV, RMVC, WAL, TRIGGER, AUTO, REBUILD, AUTO_REBUILD);

  /** Those that are refreshed at once; the first one of a cycle finds the decoder behind. */
  public static final List<Contender> COLD = List.of(WAL_COLD, AUTO_COLD);

  private final String label;
  private final Kind kind;
  private final Map<String, String> settings;
  private final String refreshMode;
  private final String requiredMode;

  Contender(
      String label,
      Kind kind,
      Map<String, String> settings,
      String refreshMode,
      String requiredMode) {
    this.label = label;
    this.kind = kind;
    this.settings = settings;
    this.refreshMode = refreshMode;
    this.requiredMode = requiredMode;
  }

  private static Map<String, String> incrementalAlways() {
    return Map.of("mode", "incremental", "max-change-ratio", "1", "cost", "off");
  }

  public String label() {
    return label;
  }

  public Kind kind() {
    return kind;
  }

  /** The name of its table begins so. */
  String prefix() {
    return (kind == Kind.STREAM_TABLE ? "st_" : "mv_") + label;
  }

  /** The stream table's settings, without the schedule. */
  Map<String, String> settings() {
    return settings;
  }

  /** The mode that a refresh asks for; empty: as configured. */
  Optional<String> refreshMode() {
    return Optional.of(refreshMode).filter(mode -> !mode.isEmpty());
  }

  /** What every refresh of this contender must report to have done; empty: anything. */
  Optional<String> requiredMode() {
    return Optional.of(requiredMode).filter(mode -> !mode.isEmpty());
  }

  @Override
  public String toString() {
    return label;
  }
}
