package dev.freshet.sql.tree;

import dev.freshet.sql.tree.Operator.Scan;
import java.util.List;

/** What a query is made of: a select-project-join in normal form, or any other tree as it is. */
public sealed interface Branch permits Spj, Branch.Whole {

  /** The tree beneath the projection. */
  Operator source();

  /** An expression over the branch's columns as one over the columns of {@link #source}. */
  Scalar substituted(Scalar scalar);

  List<Scan> scans();

  /** A tree that has no normal form. */
  record Whole(Operator source) implements Branch {
    @Override
    public Scalar substituted(Scalar scalar) {
      return scalar;
    }

    @Override
    public List<Scan> scans() {
      return Trees.scans(source);
    }
  }
}
