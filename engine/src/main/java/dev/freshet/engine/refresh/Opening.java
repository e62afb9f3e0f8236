package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The statements that open a refresh, sent in one round trip: begin, lock, snapshot, marker.
 *
 * <p>The order is the point. {@code LOCK TABLE} takes no snapshot, so the snapshot is taken under
 * the lock: TRUNCATE and table rewrites are not MVCC-safe, and a snapshot taken before the lock
 * could later read an emptied table. The insert position is read after the snapshot, so every
 * transaction that the snapshot sees wrote its commit record before it. The marker comes last, so
 * whoever has received it has received all of those.
 */
final class Opening {
  static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ";

  /**
   * The position is read again, later than the cut's: if even that was received, so was every
   * commit that the snapshot sees, and nothing has to be flushed.
   */
  static final String EMIT_UNLESS_RECEIVED =
      """
      , CASE WHEN pg_current_wal_insert_lsn() > ?::pg_lsn
          THEN pg_logical_emit_message(false, 'freshet', ?, true) END\
      """;

  private final long streamTableId;
  private final List<String> lockable;
  private final String lock;
  private final String cut;
  private final String sourceState;
  private final boolean emitsFlushed;
  private final String pins;

  /**
   * @param streamTableId whose frontier is read along: it must be the one that the delta starts at
   */
  Opening(long streamTableId, Analysis analysis, Capture capture) {
    List<String> lockable = new ArrayList<>();
    List<String> files = new ArrayList<>();
    for (SourceTable table : analysis.bases()) {
      switch (table.kind()) {
        case TABLE, UNLOGGED, INHERITANCE_PARENT, TEMPORARY -> {
          lockable.add(table.name().toString());
          files.add(analysis.isUpstream(table) ? identity(table) : file(table));
        }
        case PARTITIONED -> {
          lockable.add(table.name().toString());
          files.add(partitionFiles(table));
        }
        case MATERIALIZED_VIEW -> files.add(file(table));
        case VIEW, FOREIGN, SYSTEM -> {}
      }
    }
    analysis.usedColumns().forEach(column -> files.add(column(column)));
    analysis.definitions().forEach(definition -> files.add(version(definition)));
    this.emitsFlushed = capture.emitsFlushed();
    this.pins = analysis.locals();
    this.sourceState = sourceState(membership(analysis, capture.publication()), files);
    this.streamTableId = streamTableId;
    this.lockable = List.copyOf(lockable);
    this.lock =
        lockable.isEmpty()
            ? ""
            : "; LOCK TABLE " + String.join(", ", lockable) + " IN ACCESS SHARE MODE";
    boolean followsClock = analysis.compiled().due().isPresent();
    this.cut =
        "; SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, "
            + sourceState
            + ", "
            + stored("snapshot", streamTableId)
            + ", now()::text, "
            + (followsClock
                ? Clock.setting(stored("clock", streamTableId))
                : stored("clock", streamTableId));
  }

  /** A column of the stream table's frontier as text. */
  static String stored(String column, long streamTableId) {
    return "(SELECT %s::text FROM freshet.frontier WHERE stream_table_id = %d)"
        .formatted(column, streamTableId);
  }

  /**
   * Each source's primary key and its row in the publication. A table that was taken out of the
   * publication and put back has another row there, and changes in between are lost.
   */
  private static String membership(Analysis analysis, String publication) {
    return analysis.bases().stream()
        .filter(table -> table.kind().deliversChanges() && !analysis.isUpstream(table))
        .map(SourceTable::oid)
        .distinct()
        .sorted(Integer::compareUnsigned)
        .map(
            oid ->
                """
                concat_ws('/', %1$s,
                  coalesce((SELECT indexrelid FROM pg_index
                    WHERE indrelid = %2$s AND indisprimary), 0),
                  coalesce((SELECT oid FROM pg_publication_rel WHERE prrelid = %2$s
                    AND prpubid = (SELECT oid FROM pg_publication WHERE pubname = %3$s)), 0))\
                """
                    .formatted(Integer.toUnsignedString(oid), relation(oid), literal(publication)))
        .collect(Collectors.joining(", "));
  }

  private static String sourceState(String membership, List<String> files) {
    String sourceFiles =
        files.isEmpty() ? "''" : "concat_ws(',', " + String.join(", ", files) + ")";
    return membership.isEmpty()
        ? sourceFiles
        : "concat_ws(',', concat_ws(' ', " + membership + "), " + sourceFiles + ")";
  }

  /**
   * A relation's oid that the planner does not take for a constant. A plan that holds the oid of a
   * relation as a constant is thrown away whenever that relation is altered or analysed ({@code
   * ISREGCLASSCONST} in setrefs.c), and planning the opening takes longer than running it.
   */
  private static String relation(int oid) {
    return "(" + Integer.toUnsignedString(oid) + "::bigint + 0 * pg_backend_pid())::oid";
  }

  long streamTableId() {
    return streamTableId;
  }

  /** The quoted names of the tables to lock before the snapshot. */
  List<String> lockable() {
    return lockable;
  }

  /** Locks the sources in the open transaction, to see whether that can be done. */
  void lockAlone(Connection connection) throws SQLException {
    if (!lockable.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("LOCK TABLE " + String.join(", ", lockable) + " IN ACCESS SHARE MODE");
      }
    }
  }

  /** Statements that give the query its settings, each beginning with {@code "; "}. */
  String pins() {
    return pins;
  }

  /** Gives the query its settings in a transaction that another opened. */
  void pin(Connection connection) throws SQLException {
    if (!pins.isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(pins.substring(2));
      }
    }
  }

  /** Reads what a {@link Cut} reads of the sources, outside of any refresh and without a lock. */
  String sourceState() {
    return sourceState;
  }

  /** By name, not by oid: another table may have taken the source's name. */
  private static String file(SourceTable table) {
    String relation = "to_regclass(" + literal(table.name().toString()) + ")";
    return "coalesce(%s::oid || ':' || pg_relation_filenode(%s), 'gone')"
        .formatted(relation, relation);
  }

  /**
   * Of a stream table only which table it is: its dependents are told when its refresh rewrites it.
   */
  private static String identity(SourceTable table) {
    return "coalesce(to_regclass(%s)::oid || ':upstream', 'gone')"
        .formatted(literal(table.name().toString()));
  }

  private static String partitionFiles(SourceTable table) {
    return """
    coalesce((SELECT string_agg(relid::oid || ':' || coalesce(pg_relation_filenode(relid), 0), \
    ',' ORDER BY relid::oid) FROM pg_partition_tree(to_regclass(%s))), 'gone')\
    """
        .formatted(literal(table.name().toString()));
  }

  /** Empty while the column exists: a column that is dropped has no privileges, not even none. */
  private static String column(Analysis.UsedColumn column) {
    return "CASE WHEN has_column_privilege(%s, %d::int2, 'SELECT') IS NULL THEN 'gone' END"
        .formatted(relation(column.relation()), column.number());
  }

  /** The transaction that last wrote the definition; its row's xmin. */
  private static String version(Analysis.Definition definition) {
    String oid = relation(definition.oid());
    return switch (definition.kind()) {
      // The slash: another view is another query, since the compiled one has it expanded.
      case VIEW ->
          "(SELECT 'view/' || xmin::text FROM pg_rewrite WHERE ev_class = " + oid + " LIMIT 1)";
      case FUNCTION -> "(SELECT xmin::text FROM pg_proc WHERE oid = " + oid + ")";
      case ENUM ->
          "(SELECT md5(string_agg(enumlabel, '/' ORDER BY enumsortorder)) FROM pg_enum"
              + " WHERE enumtypid = "
              + oid
              + ")";
    };
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /**
   * How a refresh learns that the decoder has received all that its snapshot sees.
   *
   * @param token what to emit behind the snapshot
   * @param received what the decoder has received already: if the log ends there, no marker is
   *     needed
   */
  record Marker(String token, Lsn received) {}

  /**
   * Opens the transaction on an autocommit connection; the caller ends it.
   *
   * @param locals statements for the session's settings, each beginning with "; "
   * @param marker to be emitted unless everything was received already
   * @throws SQLException 55P03 if a source stays locked longer than lock_timeout
   */
  Cut open(Connection connection, String locals, Optional<Marker> marker) throws SQLException {
    boolean emits = marker.isPresent() && emitsFlushed;
    String sql = BEGIN + locals + pins + lock + cut + (emits ? EMIT_UNLESS_RECEIVED : "");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (emits) {
        statement.setString(1, marker.get().received().toString());
        statement.setString(2, marker.get().token());
      }
      toNextRow(statement, statement.execute());
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        Lsn position = Lsn.parse(row.getString(2));
        return new Cut(
            Snapshot.parse(row.getString(1)),
            position,
            row.getString(3),
            Optional.ofNullable(row.getString(4)),
            row.getString(5),
            Optional.ofNullable(row.getString(6)),
            emits
                ? row.getString(7) != null
                : marker.filter(m -> position.isAfter(m.received())).isPresent());
      }
    }
  }

  static void toNextRow(PreparedStatement statement, boolean first) throws SQLException {
    boolean isResultSet = first;
    while (!isResultSet) {
      if (statement.getUpdateCount() < 0) {
        throw new IllegalStateException("the opening returned too few rows: " + statement);
      }
      isResultSet = statement.getMoreResults();
    }
  }
}
