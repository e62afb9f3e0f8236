package dev.freshet.engine.refresh;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.engine.catalog.Epoch;
import dev.freshet.engine.refresh.Capture.Marking;
import dev.freshet.sql.SourceTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ; " + Epoch.REFRESHING;

  /**
   * The position is read again, later than the cut's: if even that was received, so was every
   * commit that the snapshot sees, and nothing has to be flushed.
   *
   * <p>A statement of its own: the others have no parameters, so that the server plans them once
   * and not for each of the first five values. Planning them takes longer than running them.
   */
  static final String EMIT_UNLESS_RECEIVED =
      """
      ; SELECT CASE WHEN pg_current_wal_insert_lsn() > ?::pg_lsn
          THEN pg_logical_emit_message(false, 'freshet', ?, true) END\
      """;

  private final long streamTableId;
  private final List<String> lockable;
  private final String lock;
  private final String cut;
  private final SourceQuestions questions;
  private final Marking marking;
  private final List<CapturedSources.Captured> logged;
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
          files.add(children(table));
        }
        case PARTITIONED -> {
          lockable.add(table.name().toString());
          files.add(partitionFiles(table));
        }
        case MATERIALIZED_VIEW -> files.add(file(table));
        case VIEW, FOREIGN, SYSTEM -> {}
      }
    }
    columnsByRelation(analysis).forEach((relation, used) -> files.add(columns(relation, used)));
    analysis.definitions().forEach(definition -> files.add(version(definition)));
    this.marking = capture.marking();
    this.logged = marking == Marking.UNNEEDED ? List.of() : CapturedSources.of(analysis, capture);
    this.pins = analysis.locals();
    this.questions = new SourceQuestions(registrations(analysis, capture), files);
    this.streamTableId = streamTableId;
    this.lockable = List.copyOf(lockable);
    this.lock =
        lockable.isEmpty()
            ? ""
            : "; LOCK TABLE " + String.join(", ", lockable) + " IN ACCESS SHARE MODE";
    boolean followsClock = analysis.compiled().due().isPresent();
    this.cut =
        "; SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, "
            + questions.sql()
            + ", "
            + stored("snapshot", streamTableId)
            + ", now()::text, "
            + (followsClock
                ? Clock.setting(stored("clock", streamTableId))
                : stored("clock", streamTableId))
            + ", "
            + Epoch.IS_OURS;
  }

  /** A column of the stream table's frontier as text. */
  static String stored(String column, long streamTableId) {
    return "(SELECT %s::text FROM freshet.frontier WHERE stream_table_id = %d)"
        .formatted(column, streamTableId);
  }

  /**
   * Each source's primary key, its registration with the capture, and whether row-level security
   * hides rows from this role. A table that was taken out of the capture and put back has another
   * registration, and changes in between are lost.
   */
  private static List<String> registrations(Analysis analysis, Capture capture) {
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
                  %3$s,
                  CASE WHEN row_security_active(%2$s) THEN 'rls' END)\
                """
                    .formatted(
                        Integer.toUnsignedString(oid),
                        relation(oid),
                        capture.registration(relation(oid), columnsOf(analysis, oid))))
        .toList();
  }

  private static Set<Integer> columnsOf(Analysis analysis, int relation) {
    return analysis.usedColumns().stream()
        .filter(column -> column.relation() == relation)
        .map(column -> (int) column.number())
        .collect(Collectors.toSet());
  }

  /**
   * A relation's oid that the planner does not take for a constant. A plan that holds the oid of a
   * relation as a constant is thrown away whenever that relation is altered or analysed ({@code
   * ISREGCLASSCONST} in setrefs.c), and planning the opening takes longer than running it.
   */
  private static String relation(int oid) {
    return "(" + Integer.toUnsignedString(oid) + "::bigint + 0 * pg_backend_pid())::oid";
  }

  /** The sources whose old rows have to be in the log. */
  List<CapturedSources.Captured> logged() {
    return logged;
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

  /**
   * What a {@link Cut} reads of the sources: to be asked outside of any refresh, without a lock.
   */
  SourceQuestions questions() {
    return questions;
  }

  /** By name, not by oid: another table may have taken the source's name. */
  private static String file(SourceTable table) {
    return """
    coalesce((SELECT oid || CASE relpersistence WHEN 'u' THEN ' unlogged' ELSE '' END || ':'
      || pg_relation_filenode(oid) FROM pg_class WHERE oid = to_regclass(%s)), 'gone')\
    """
        .formatted(literal(table.name().toString()));
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
    coalesce((SELECT string_agg(p.relid::oid || ':' || coalesce(pg_relation_filenode(p.relid), 0) \
    || coalesce('/' || i.xmin::text, ''), ',' ORDER BY p.relid::oid) \
    FROM pg_partition_tree(to_regclass(%s)) p LEFT JOIN pg_inherits i ON i.inhrelid = p.relid), \
    'gone')\
    """
        .formatted(literal(table.name().toString()));
  }

  /** A table that others inherit from has their rows too, whose changes come as theirs. */
  private static String children(SourceTable table) {
    return "CASE WHEN EXISTS (SELECT FROM pg_inherits WHERE inhparent = %s) THEN 'parent/%s' END"
        .formatted(relation(table.oid()), Integer.toUnsignedString(table.oid()));
  }

  private static Map<Integer, List<Integer>> columnsByRelation(Analysis analysis) {
    return analysis.usedColumns().stream()
        .collect(
            Collectors.groupingBy(
                Analysis.UsedColumn::relation,
                LinkedHashMap::new,
                Collectors.mapping(Analysis.UsedColumn::number, Collectors.toList())));
  }

  /**
   * What the compiled query was told of the columns that it reads. One that is dropped is missing.
   * How a virtual one is computed cannot be altered while its table is published.
   */
  private static String columns(int relation, List<Integer> numbers) {
    return """
    (SELECT 'columns/' || md5(string_agg(concat_ws(' ', attnum, attname, atttypid, atttypmod,
        attcollation, attnotnull), ',' ORDER BY attnum))
      FROM pg_attribute WHERE attrelid = %s AND attnum IN (%s) AND NOT attisdropped)\
    """
        .formatted(
            relation(relation),
            numbers.stream().map(String::valueOf).collect(Collectors.joining(", ")));
  }

  /**
   * What the definition says; of a view the transaction that last wrote it. Who owns or may call a
   * function does not matter.
   */
  private static String version(Analysis.Definition definition) {
    String oid = relation(definition.oid());
    return switch (definition.kind()) {
      // The slash: the query is compiled anew. It has views expanded, and asks how volatile a
      // function is.
      case VIEW ->
          "(SELECT 'view/' || xmin::text FROM pg_rewrite WHERE ev_class = " + oid + " LIMIT 1)";
      case FUNCTION ->
          """
          (SELECT 'function/' || md5(concat_ws(' ', provolatile, proisstrict, prolang, prosupport::oid, proconfig,
            probin, prosrc, prosqlbody::text)) FROM pg_proc WHERE oid = %s)\
          """
              .formatted(oid);
      case ENUM ->
          """
          (SELECT '%s' || string_agg(left(md5(enumlabel), 8), '+' ORDER BY enumsortorder)
            FROM pg_enum WHERE enumtypid = %s)\
          """
              .formatted(SourceState.LABELS, oid);
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
    boolean emits = marker.isPresent() && marking == Marking.IN_OPENING;
    String sql = BEGIN + locals + pins + lock + cut + (emits ? EMIT_UNLESS_RECEIVED : "");
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (emits) {
        statement.setString(1, marker.get().received().toString());
        statement.setString(2, marker.get().token());
      }
      toNextRow(statement, statement.execute());
      try (ResultSet row = statement.getResultSet()) {
        row.next();
        requireOurs(row.getBoolean(7));
        Lsn position = Lsn.parse(row.getString(2));
        return new Cut(
            Snapshot.parse(row.getString(1)),
            position,
            row.getString(3),
            Optional.ofNullable(row.getString(4)),
            row.getString(5),
            Optional.ofNullable(row.getString(6)),
            emits
                ? hasEmitted(statement)
                : marker.filter(m -> position.isAfter(m.received())).isPresent());
      }
    }
  }

  /** Whether {@link #EMIT_UNLESS_RECEIVED}, whose result comes next, has emitted a marker. */
  static boolean hasEmitted(PreparedStatement statement) throws SQLException {
    toNextRow(statement, statement.getMoreResults(Statement.KEEP_CURRENT_RESULT));
    try (ResultSet row = statement.getResultSet()) {
      row.next();
      return row.getString(1) != null;
    }
  }

  /**
   * @throws FreshetException BUSY if another engine has taken over
   */
  static void requireOurs(boolean ours) {
    if (!ours) {
      throw FreshetException.of(
          Kind.BUSY,
          "another engine has taken over: this one may not refresh any more",
          "freshet status shows which one serves the database");
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
