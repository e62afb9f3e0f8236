package dev.freshet.sql.maintain;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Spj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns a query's conditions make equal, and what follows for its keys.
 *
 * <p>Only {@code column = column} of one type whose equality is the built-in one counts: equality
 * of citext and text, say, is not transitive.
 */
final class Equalities {
  private final Map<ColumnRef, ColumnRef> parents = new HashMap<>();
  private final Spj spj;

  Equalities(Spj spj) {
    this.spj = spj;
    spj.conditions().forEach(this::unite);
  }

  private void unite(Scalar condition) {
    List<Scalar.Piece> pieces =
        condition.pieces().stream()
            .filter(p -> !(p instanceof Scalar.Text(String sql) && sql.matches("[() ]*")))
            .toList();
    if (pieces.size() == 3
        && pieces.get(0) instanceof Scalar.Column(ColumnRef left)
        && pieces.get(1) instanceof Scalar.Text(String operator)
        && operator.strip().equals("=")
        && pieces.get(2) instanceof Scalar.Column(ColumnRef right)) {
      Optional<ColumnType> type = typeOf(left);
      boolean transitive =
          type.isPresent()
              && RowMatch.hasBuiltInEquality(type.get())
              && typeOf(right).map(t -> t.base().equals(type.get().base())).orElse(false);
      if (transitive) {
        parents.put(representative(left), representative(right));
      }
    }
  }

  Optional<ColumnType> typeOf(ColumnRef ref) {
    return spj.scans().stream()
        .filter(scan -> scan.relation().equals(ref.relation()))
        .findFirst()
        .flatMap(scan -> scan.table().column(ref.column()))
        .map(column -> column.type());
  }

  /** The same column for all that are equal. */
  ColumnRef representative(ColumnRef ref) {
    ColumnRef at = ref;
    while (parents.containsKey(at) && !parents.get(at).equals(at)) {
      at = parents.get(at);
    }
    return at;
  }

  static List<ColumnRef> primaryKey(Scan scan) {
    return scan.table().primaryKey().stream()
        .map(column -> new ColumnRef(scan.relation(), column))
        .toList();
  }

  /**
   * The sources whose primary keys together identify a row: those that are not determined by the
   * others. {@code o.customer = c.id} makes c's row a function of o's.
   */
  List<Scan> identifyingScans() {
    var kept = new ArrayList<>(spj.scans());
    for (Scan candidate : spj.scans().reversed()) {
      var rest = new ArrayList<>(kept);
      rest.remove(candidate);
      if (!rest.isEmpty() && determined(rest).contains(candidate)) {
        kept.remove(candidate);
      }
    }
    return kept;
  }

  /** Functional dependencies: a primary key determines its row, equal columns each other. */
  private Set<Scan> determined(List<Scan> by) {
    Set<Scan> scans = new LinkedHashSet<>(by);
    boolean grew = true;
    while (grew) {
      Set<ColumnRef> known = new LinkedHashSet<>();
      scans.forEach(scan -> scan.columns().forEach(c -> known.add(representative(c))));
      grew = false;
      for (Scan scan : spj.scans()) {
        boolean found =
            primaryKey(scan).stream().map(this::representative).allMatch(known::contains);
        grew |= found && scans.add(scan);
      }
    }
    return scans;
  }
}
