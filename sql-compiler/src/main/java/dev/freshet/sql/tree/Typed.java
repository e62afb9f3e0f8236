package dev.freshet.sql.tree;

import dev.freshet.sql.ColumnType;

/** The type of a column or expression, and whether it is never NULL. */
public record Typed(ColumnType type, boolean notNull) {
  public Typed orNull() {
    return new Typed(type, false);
  }
}
