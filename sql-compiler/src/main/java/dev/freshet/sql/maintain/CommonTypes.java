package dev.freshet.sql.maintain;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.ColumnType;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.parse.UnsupportedQueryException;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The sides of a set operation, cast to the types of its result as PostgreSQL does by itself: what
 * restricts one side compares its rows with rows of the whole. Law: {@code A ∪ B = A::t ∪ B::t}.
 */
final class CommonTypes {
  private final Postgres postgres;

  private CommonTypes(Postgres postgres) {
    this.postgres = postgres;
  }

  static Operator of(Operator tree, Postgres postgres) {
    boolean any = Trees.all(tree).anyMatch(o -> o instanceof UnionAll || o instanceof SetOperation);
    return any ? new CommonTypes(postgres).of(tree, Optional.empty()) : tree;
  }

  /**
   * @param around the rows that free columns of the tree belong to
   */
  private Operator of(Operator tree, Optional<Operator> around) {
    return switch (tree) {
      case Apply(Operator input, var as, var before, Operator query) -> {
        Operator rows = of(input, around);
        var inside = Optional.of(TypeReader.beside(around, rows));
        yield new Apply(rows, as, before, of(query, inside));
      }
      case Lateral(Operator input, Operator right, boolean outer, var conditions) -> {
        Operator rows = of(input, around);
        var inside = Optional.of(TypeReader.beside(around, rows));
        yield new Lateral(rows, of(right, inside), outer, conditions);
      }
      case UnionAll _, SetOperation _ -> {
        List<Operator> sides = tree.inputs().stream().map(side -> of(side, around)).toList();
        yield sides.size() < 2 ? Trees.withInputs(tree, sides) : same(tree, sides, around);
      }
      default ->
          tree.inputs().isEmpty()
              ? tree
              : Trees.withInputs(
                  tree, tree.inputs().stream().map(input -> of(input, around)).toList());
    };
  }

  private Operator same(Operator tree, List<Operator> sides, Optional<Operator> around) {
    List<ColumnType> wanted = types(Trees.withInputs(tree, sides), around);
    return Trees.withInputs(
        tree, sides.stream().map(side -> cast(side, types(side, around), wanted)).toList());
  }

  private List<ColumnType> types(Operator tree, Optional<Operator> around) {
    return TypeReader.ask(postgres, tree, around).stream().map(OutputColumn::type).toList();
  }

  private static Operator cast(Operator side, List<ColumnType> own, List<ColumnType> wanted) {
    if (own.stream()
        .map(ColumnType::name)
        .toList()
        .equals(wanted.stream().map(ColumnType::name).toList())) {
      return side;
    }
    if (!(side instanceof Project(Operator input, var outputs))) {
      throw new UnsupportedQueryException("set operations whose sides have different types");
    }
    var all = new ArrayList<Named>();
    for (int i = 0; i < outputs.size(); i++) {
      Named output = outputs.get(i);
      boolean same = own.get(i).name().equals(wanted.get(i).name());
      all.add(
          same
              ? output
              : new Named(
                  output.as(), Scalar.of("(", output.value(), ")::" + wanted.get(i).name())));
    }
    return new Project(input, all);
  }
}
