package dev.freshet.sql.tree;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The types of a tree's columns, and of the expressions that keys are made of, as PostgreSQL says.
 */
public final class Types {
  /** For trees whose rules need no types: those of nothing but scans, filters, joins and unions. */
  public static final Types NONE = new Types(Map.of(), Map.of());

  private final Map<ColumnRef, Typed> columns;
  private final Map<Scalar, Typed> expressions;

  public Types(Map<ColumnRef, Typed> columns, Map<Scalar, Typed> expressions) {
    this.columns = new LinkedHashMap<>(columns);
    this.expressions = new LinkedHashMap<>(expressions);
  }

  public Typed of(ColumnRef ref) {
    Typed typed = columns.get(ref);
    if (typed == null) {
      throw new IllegalArgumentException("the type of " + ref + " is not known");
    }
    return typed;
  }

  /** The type of a column or of an expression that was asked for. */
  public Optional<Typed> of(Scalar scalar) {
    Optional<Typed> column = scalar.asColumn().map(columns::get);
    return column.isPresent() ? column : Optional.ofNullable(expressions.get(scalar));
  }
}
