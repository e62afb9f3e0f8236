package dev.freshet.sql.parse;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Scalar;
import java.util.List;

/**
 * Expressions over the rows of a tree. A sub-query in one becomes an {@link Operator.Apply} on top
 * of the tree, which therefore grows while expressions are read.
 */
final class RowPlace implements Place {
  private final Lowering lowering;
  private final Lowering.Environment environment;
  private final Scope scope;
  private Operator tree;
  private boolean sets;

  /**
   * @param environment of the query to which the rows belong
   * @param scope names of the tree's columns
   */
  RowPlace(Lowering lowering, Lowering.Environment environment, Scope scope, Operator tree) {
    this.lowering = lowering;
    this.environment = environment;
    this.scope = scope;
    this.tree = tree;
  }

  /** The same, for functions in FROM. */
  RowPlace allowingSets() {
    sets = true;
    return this;
  }

  Operator tree() {
    return tree;
  }

  /** Keeps the rows that satisfy all conditions; those without sub-queries are asked first. */
  void filter(List<List<Token>> conjuncts) {
    conjuncts.stream().filter(c -> !Conjuncts.hasQuery(c)).forEach(this::filterBy);
    conjuncts.stream().filter(Conjuncts::hasQuery).forEach(this::filterBy);
  }

  private void filterBy(List<Token> conjunct) {
    Scalar condition = new ScalarReader(this).read(conjunct);
    tree = new Operator.Filter(tree, condition);
  }

  @Override
  public Scope scope() {
    return scope;
  }

  @Override
  public Functions functions() {
    return lowering.functions();
  }

  @Override
  public boolean allowsSets() {
    return sets;
  }

  /** Whether the value of a sub-query depends on the order of its rows. */
  static boolean isArray(Scalar before) {
    return before.toString().equals("ARRAY");
  }

  @Override
  public ColumnRef query(Scalar before, Syntax query) {
    Operator value =
        lowering.query(query, environment.within(scope).ordered(isArray(before))).tree();
    var as = new ColumnRef(lowering.fresh("value"), "v");
    tree = new Operator.Apply(tree, as, before, value);
    return as;
  }
}
