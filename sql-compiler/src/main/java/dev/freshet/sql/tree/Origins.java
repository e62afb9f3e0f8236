package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which column of a source a column of a tree is, if it is passed on as it is. */
public final class Origins {
  private final Map<ColumnRef, ColumnRef> passed = new HashMap<>();
  private final Map<String, Scan> scans = new HashMap<>();
  private final Set<ColumnRef> padded = new HashSet<>();
  private final Set<ColumnRef> made = new HashSet<>();

  public Origins(Operator tree) {
    Trees.scans(tree).forEach(scan -> scans.put(scan.relation(), scan));
    Trees.all(tree)
        .forEach(
            operator -> {
              if (operator instanceof Project(_, var outputs)) {
                outputs.forEach(this::pass);
              }
              pad(operator);
            });
  }

  /** A column that branches of a union make has no one origin. */
  private void pass(Named output) {
    Optional<ColumnRef> from = output.value().asColumn();
    if (from.filter(output.as()::equals).isPresent()) {
      return;
    }
    if (made.add(output.as()) && from.isPresent()) {
      passed.put(output.as(), from.get());
    } else {
      passed.remove(output.as());
    }
  }

  /** Outer joins put NULL into columns that are never NULL themselves. */
  private void pad(Operator operator) {
    switch (operator) {
      case OuterJoin(Operator left, Operator right, boolean full, _) -> {
        padded.addAll(right.columns());
        if (full) {
          padded.addAll(left.columns());
        }
      }
      case Lateral(_, Operator right, boolean outer, _) when outer ->
          padded.addAll(right.columns());
      default -> {}
    }
  }

  /** The source's scan and the column's name in it. */
  public record Origin(Scan scan, String column) {}

  public Optional<Origin> of(ColumnRef column) {
    ColumnRef last = column;
    for (ColumnRef next = column; next != null; next = passed.get(next)) {
      last = next;
    }
    Scan scan = scans.get(last.relation());
    return scan == null || !scan.columns().contains(last)
        ? Optional.empty()
        : Optional.of(new Origin(scan, last.column()));
  }

  /** Whether the column is never NULL, as far as that follows from NOT NULL constraints. */
  public boolean neverNull(ColumnRef column) {
    for (ColumnRef next = column; next != null; next = passed.get(next)) {
      if (padded.contains(next)) {
        return false;
      }
    }
    return of(column)
        .flatMap(origin -> origin.scan().table().column(origin.column()))
        .map(found -> found.notNull())
        .orElse(false);
  }
}
