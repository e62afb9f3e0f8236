package dev.freshet.sql.tree;

/** A column of an operator, named by the relation (an alias unique in the tree) it came from. */
public record ColumnRef(String relation, String column) {
  @Override
  public String toString() {
    return relation.isEmpty() ? column : relation + "." + column;
  }
}
