package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.delta.Shape;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Brings the wishes of all slices for one source to a single form that serves them all. */
public final class SourceNeeds {
  private SourceNeeds() {}

  /** One need per source, in order of first appearance. */
  public static List<DeltaNeed> combine(List<DeltaNeed> wishes) {
    Map<Integer, List<DeltaNeed>> bySource = new LinkedHashMap<>();
    wishes.forEach(
        wish -> bySource.computeIfAbsent(wish.source().oid(), _ -> new ArrayList<>()).add(wish));
    return bySource.values().stream().map(SourceNeeds::one).toList();
  }

  private static DeltaNeed one(List<DeltaNeed> wishes) {
    if (wishes.size() == 1) {
      return wishes.getFirst();
    }
    SourceTable source = wishes.getFirst().source();
    boolean keyed = wishes.stream().allMatch(w -> w instanceof DeltaNeed.Keyed);
    Set<String> names = new LinkedHashSet<>();
    wishes.forEach(wish -> names.addAll(columns(wish)));
    List<String> ordered =
        source.columns().stream().map(SourceTable.Column::name).filter(names::contains).toList();
    return keyed
        ? new DeltaNeed.Keyed(source, ordered, source.primaryKey())
        : new DeltaNeed.Weighted(source, ordered);
  }

  /** The same need as old and new rows: what a hidden table's change comes as. */
  public static DeltaNeed rows(DeltaNeed need) {
    return new DeltaNeed.Weighted(need.source(), columns(need));
  }

  private static List<String> columns(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> keyed.columns();
      case DeltaNeed.Weighted weighted -> weighted.columns();
      case DeltaNeed.Reduced reduced -> reduced.fallback().columns();
    };
  }

  /** What any tree needs: old and new rows of its sources, in the columns that it reads. */
  static List<DeltaNeed> of(Operator tree) {
    return of(tree, _ -> true);
  }

  /** As {@link #of(Operator)}, for some of its scans. */
  static List<DeltaNeed> of(Operator tree, Predicate<Scan> wanted) {
    Set<ColumnRef> read = read(tree);
    return Trees.scans(tree).stream()
        .filter(wanted)
        .<DeltaNeed>map(scan -> weighted(scan.table(), names(scan, read)))
        .toList();
  }

  /** All columns that a tree reads or returns. */
  static Set<ColumnRef> read(Operator tree) {
    Set<ColumnRef> read = new HashSet<>(tree.columns());
    Trees.all(tree).forEach(o -> Trees.scalars(o).forEach(scalar -> read.addAll(scalar.columns())));
    return read;
  }

  /** The columns of a scan among those read, in the table's order. */
  static List<String> names(Scan scan, Set<ColumnRef> read) {
    return scan.columns().stream().filter(read::contains).map(ColumnRef::column).toList();
  }

  /** A scan in the columns that are read of it, whatever its delta brings. */
  static Shape shape(Scan scan, Set<ColumnRef> read) {
    return new Shape(names(scan, read), List.of());
  }

  /** Which keys of a source changed, where a change shows in some of its columns. */
  static DeltaNeed.Keyed keyed(SourceTable table, List<String> used) {
    List<String> columns =
        table.columns().stream()
            .filter(c -> !c.virtual())
            .map(SourceTable.Column::name)
            .filter(name -> used.contains(name) || table.primaryKey().contains(name))
            .toList();
    return new DeltaNeed.Keyed(table, columns, table.primaryKey());
  }

  /** A weighted delta of these columns, unless the log lacks one of them. */
  static DeltaNeed.Weighted weighted(SourceTable source, List<String> columns) {
    for (String name : columns) {
      if (source.column(name).map(SourceTable.Column::virtual).orElse(false)) {
        throw new UnsupportedQueryException(
            "reads the virtual generated column "
                + name
                + " of "
                + source.name()
                + ", whose old values are not in the log");
      }
    }
    return new DeltaNeed.Weighted(source, columns);
  }
}
