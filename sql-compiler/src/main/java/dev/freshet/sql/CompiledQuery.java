package dev.freshet.sql;

import dev.freshet.sql.maintain.HiddenTable;
import dev.freshet.sql.parse.ClockCondition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A defining query with everything needed to store and maintain it. Immutable; rendering is pure.
 *
 * <p>All statements for a table name are to be run in one REPEATABLE READ transaction at the
 * refresh's snapshot, with an empty {@code search_path}: the definition that they are made of was
 * printed so. None of them takes a lock that blocks readers, but those of {@link #rebuild}.
 */
public interface CompiledQuery {

  AnalyzedQuery query();

  /** FULL, or the dearest class among the operators. */
  RefreshClass refreshClass();

  /** The settings of the session that the result depends on: to be pinned wherever it is read. */
  Set<SessionSetting> settings();

  /** The operator tree with class and reason per operator. */
  OperatorNote explain();

  StorageLayout layout();

  /** What the incremental refresh reads; empty if the class is FULL. At most one per source. */
  List<DeltaNeed> deltaNeeds();

  /**
   * If the result follows the clock: a query whose only value tells whether any row of a source
   * moved in or out since the frontier, for no other reason than that time passed. It and {@link
   * #incremental} read the time of the frontier from the setting {@link #CLOCK_SETTING}, and the
   * time now from the transaction. Empty: then the result changes only when rows do, or the query
   * is refreshed in full.
   */
  Optional<SqlStatement> due();

  /** What the clock is compared with, for people. */
  List<ClockUse> clockUses();

  /** The setting of the transaction with the time of the frontier, a timestamptz as text. */
  String CLOCK_SETTING = ClockCondition.SETTING;

  /**
   * A comparison with the clock.
   *
   * @param columns of the source whose index finds the rows that time moves in or out; none if no
   *     index can
   */
  record ClockUse(TableName source, String condition, List<String> columns) {
    public ClockUse {
      columns = List.copyOf(columns);
    }
  }

  /** CREATE TABLE with all columns, hidden ones included, without rows or indexes. */
  SqlStatement createTable(TableName target, int fillfactor);

  /** INSERT of the whole result into the empty table. */
  SqlStatement fill(TableName target);

  /**
   * The tables beside the stream table {@code target} that its refreshes read and write, in its
   * schema. Mostly none.
   */
  List<TableName> hiddenTables(TableName target);

  /**
   * The names of all hidden tables that a stream table of this name can have, whatever its query.
   */
  static List<TableName> possibleHiddenTables(TableName target) {
    return HiddenTable.names(target);
  }

  /** Creates the hidden tables, filled and with their indexes. */
  List<SqlStatement> createHiddenTables(TableName target);

  /** The indexes that maintenance needs, their names derived from the table's. */
  List<SqlStatement> createIndexes(TableName target);

  /**
   * Full refresh by differences: the table becomes the query's result, unchanged rows untouched. A
   * hidden table that is missing is made.
   */
  List<SqlStatement> full(TableName target);

  /** Full refresh by TRUNCATE, bulk INSERT and index build; readers wait. */
  List<SqlStatement> rebuild(TableName target);

  /**
   * Incremental refresh.
   *
   * @param changed the sources whose delta is not empty, by oid; terms of all others vanish
   * @throws IllegalStateException if {@link #deltaNeeds} is empty
   * @throws IllegalArgumentException if {@code changed} is empty though only rows can change the
   *     result, names no source of this query, or binds a form that the need does not have
   */
  List<SqlStatement> incremental(TableName target, Map<Integer, DeltaBinding> changed);

  /** The indexes on sources without which a refresh after few changes reads whole tables. */
  List<MissingIndex> missingIndexes(SourceIndexes indexes);

  /** DDL for a temporary table that can hold the delta of {@code need} in {@code form}. */
  SqlStatement createDeltaTable(DeltaNeed need, DeltaBinding.Form form, String quotedName);

  /**
   * DDL for the indexes of a filled temporary table: by what rows of this delta are asked for by
   * another source's delta that they meet in a join, or once per row of a query around the one that
   * reads them. Empty if they never are.
   *
   * @param changed the sources whose delta is not empty, by oid
   */
  List<SqlStatement> indexDeltaTable(
      DeltaNeed need, String quotedName, Map<Integer, DeltaBinding> changed);

  /**
   * Whether rows of the delta are asked for once per row of a query around the one that reads them,
   * as by a correlated sub-query. Then the cost grows with the square of the delta, unless it is in
   * a table with its {@linkplain #indexDeltaTable indexes}.
   */
  boolean isAskedPerRow(DeltaNeed need);

  /**
   * A query that returns the rows in which the stream table and its query differ, compared by SQL
   * equality over the visible columns, at most {@code limit} of them: {@code side text ('missing'
   * or 'unexpected'), copies bigint, row text}. No rows: the invariant holds.
   */
  SqlStatement audit(TableName target, int limit);
}
