package dev.freshet.engine.analysis;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A compiled query and the tables that it rests on.
 *
 * @param bases the tables below all views, deduplicated: what must be locked for a consistent
 *     snapshot and whose changes mean that the result may change
 * @param usedColumns what of the bases is read, in the order of relation and number
 * @param definitions views and functions that can be replaced without any change of a table
 * @param upstreams oids of those bases that are stream tables themselves: their changes come from
 *     their own refresh, not from the log
 * @param pins the settings under which the query was analysed
 */
public record Analysis(
    CompiledQuery compiled,
    List<SourceTable> bases,
    List<Definition> definitions,
    List<UsedColumn> usedColumns,
    Set<Integer> upstreams,
    SessionPins pins) {
  public Analysis {
    bases = List.copyOf(bases);
    definitions = List.copyOf(definitions);
    usedColumns = List.copyOf(usedColumns);
    upstreams = Set.copyOf(upstreams);
  }

  /** Whether this base is a stream table. */
  public boolean isUpstream(SourceTable table) {
    return upstreams.contains(table.oid());
  }

  /** Names of the columns that are read of a base. */
  public List<String> columnsRead(TableName base) {
    return bases.stream()
        .filter(table -> table.name().equals(base))
        .flatMap(table -> usedColumns.stream().filter(used -> used.relation() == table.oid()))
        .map(UsedColumn::name)
        .toList();
  }

  /** The bases that are stream tables. */
  public List<SourceTable> upstreamTables() {
    return bases.stream().filter(this::isUpstream).toList();
  }

  /**
   * A column of a base table that the query reads. The number stays with a column for life: one
   * that was dropped and added again has another.
   *
   * @param number {@code pg_attribute.attnum}
   * @param name its name now
   * @param shape type, type modifier, nullability, and whether it is part of the primary key
   */
  public record UsedColumn(int relation, int number, String name, String shape) {}

  /**
   * Whether a stream table that was compiled from {@code other} can be maintained further as it is:
   * the same definition over the same columns. Replica identity and statistics do not matter.
   */
  public boolean meansTheSameAs(Analysis other) {
    return query().definition().equals(other.query().definition())
        && usedColumns.equals(other.usedColumns)
        && definitions.equals(other.definitions)
        && upstreams.equals(other.upstreams)
        && pinned().equals(other.pinned())
        && bases.stream()
            .map(SourceTable::oid)
            .toList()
            .equals(other.bases.stream().map(SourceTable::oid).toList())
        && bases.stream()
            .map(SourceTable::primaryKey)
            .toList()
            .equals(other.bases.stream().map(SourceTable::primaryKey).toList());
  }

  /** Something defined in the database, not built in, whose definition the result depends on. */
  public record Definition(Kind kind, int oid) {
    /** Which catalog holds it. */
    public enum Kind {
      VIEW,
      FUNCTION,
      /** An enum, by its labels. */
      ENUM
    }
  }

  /** The settings that the result depends on, by name. */
  public Map<String, String> pinned() {
    return pins.byName(compiled.settings());
  }

  /** Statements that pin them for a transaction, each beginning with {@code "; "}. */
  public String locals() {
    return pins.locals(compiled.settings());
  }

  public AnalyzedQuery query() {
    return compiled.query();
  }

  /**
   * Whether every change of the result is announced by a change of some captured table, or follows
   * from the time that passed in a way that is known.
   */
  public boolean changesAreCaptured() {
    return query().stability().unstable().isEmpty()
        && (!query().stability().readsClock() || compiled.due().isPresent())
        && bases.stream().allMatch(table -> table.kind().deliversChanges());
  }
}
