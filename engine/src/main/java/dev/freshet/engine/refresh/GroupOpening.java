package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.engine.catalog.Epoch;
import dev.freshet.engine.refresh.Capture.Marking;
import dev.freshet.engine.refresh.Opening.Marker;
import dev.freshet.sql.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@link Opening} of several stream tables at once: all sources locked, then one snapshot, one
 * position, one marker, in one round trip. The order of the steps is the same, for the same
 * reasons.
 */
final class GroupOpening {
  /**
   * Who is opened for.
   *
   * @param captured the stream table whose triggers are to be looked for; empty if nobody reads it
   */
  record Participant(Opening opening, Optional<TableName> captured) {}

  /**
   * What a participant finds.
   *
   * @param capturing whether all triggers that it asked for are there
   */
  record Found(Cut cut, boolean capturing) {}

  private final List<Participant> participants;
  private final Marking marking;

  GroupOpening(List<Participant> participants, Marking marking) {
    this.participants = List.copyOf(participants);
    this.marking = marking;
  }

  /**
   * Opens the transaction on an autocommit connection; the caller ends it.
   *
   * @param locals as for {@link Opening#open}
   * @return one answer for each participant, in order
   * @throws SQLException 55P03 if a source stays locked longer than lock_timeout
   */
  List<Found> open(Connection connection, String locals, Optional<Marker> marker)
      throws SQLException {
    boolean emits = marker.isPresent() && marking == Marking.IN_OPENING;
    String sql =
        Opening.BEGIN
            + locals
            + lock()
            + "; "
            + states()
            + "; SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text,"
            + " now()::text, "
            + Epoch.IS_OURS
            + (emits ? Opening.EMIT_UNLESS_RECEIVED : "");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (emits) {
        statement.setString(1, marker.get().received().toString());
        statement.setString(2, marker.get().token());
      }
      Opening.toNextRow(statement, statement.execute());
      List<State> states = new ArrayList<>();
      try (ResultSet row = statement.getResultSet()) {
        while (row.next()) {
          states.add(State.of(row));
        }
      }
      Opening.toNextRow(statement, statement.getMoreResults());
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        Opening.requireOurs(row.getBoolean(4));
        Snapshot snapshot = Snapshot.parse(row.getString(1));
        Lsn position = Lsn.parse(row.getString(2));
        boolean mustWait =
            emits
                ? Opening.hasEmitted(statement)
                : marker.filter(m -> position.isAfter(m.received())).isPresent();
        String clock = row.getString(3);
        return states.stream()
            .map(state -> state.found(snapshot, position, clock, mustWait))
            .toList();
      }
    }
  }

  private record State(
      String sources,
      Optional<String> storedFrontier,
      Optional<String> storedClock,
      boolean capturing) {
    static State of(ResultSet row) throws SQLException {
      return new State(
          row.getString(2),
          Optional.ofNullable(row.getString(3)),
          Optional.ofNullable(row.getString(4)),
          row.getBoolean(5));
    }

    Found found(Snapshot snapshot, Lsn position, String clock, boolean mustWait) {
      return new Found(
          new Cut(snapshot, position, sources, storedFrontier, clock, storedClock, mustWait),
          capturing);
    }
  }

  private String lock() {
    Set<String> tables = new LinkedHashSet<>();
    participants.forEach(participant -> tables.addAll(participant.opening().lockable()));
    return tables.isEmpty()
        ? ""
        : "; LOCK TABLE " + String.join(", ", tables) + " IN ACCESS SHARE MODE";
  }

  private String states() {
    List<String> selects = new ArrayList<>();
    for (Participant participant : participants) {
      Opening opening = participant.opening();
      selects.add(
          "SELECT %d AS n, %s, %s, %s, %s"
              .formatted(
                  selects.size(),
                  opening.questions().sql(),
                  Opening.stored("snapshot", opening.streamTableId()),
                  Opening.stored("clock", opening.streamTableId()),
                  participant.captured().map(AppliedTriggers::present).orElse("true")));
    }
    return String.join(" UNION ALL ", selects) + " ORDER BY 1";
  }
}
