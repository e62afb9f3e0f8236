package dev.freshet.sql.maintain;

import dev.freshet.sql.SourceTable;
import dev.freshet.sql.parse.TreeRewrite;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Trees;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code x IN (Q)} as questions whose answer depends on few rows of Q.
 *
 * <p>Law, for y the column of Q: {@code x IN (Q)} is true if {@code ∃ σ x = y (Q)}; otherwise NULL
 * if {@code ∃ σ y IS NULL (Q)} or {@code ∃ σ x IS NULL (Q)}; otherwise false. So a change of Q
 * concerns the rows with its value of x, those where x is NULL, and all of them only if it is a
 * NULL that comes or goes. A question about a NULL that cannot be is not asked.
 */
final class InQueries {
  private static final Scalar EXISTS = Scalar.of("EXISTS ");

  private int names;

  private InQueries() {}

  static Operator of(Operator tree) {
    return new InQueries().rewritten(tree);
  }

  private Operator rewritten(Operator tree) {
    if (tree instanceof Filter(Operator input, Scalar condition)
        && input instanceof Apply apply
        && condition.columns().equals(Set.of(apply.as()))) {
      Apply inside = inside(apply);
      Optional<Questions> questions = questions(inside);
      String text = condition.sql(_ -> "c").replace("(", "").replace(")", "").strip();
      if (questions.isPresent() && text.equals("c")) {
        return questions.get().rowsFound();
      }
      if (questions.isPresent() && text.equals("NOT c")) {
        return questions.get().rowsNotFound();
      }
      return new Filter(answered(inside), condition);
    }
    if (tree instanceof Apply apply) {
      return answered(inside(apply));
    }
    if (tree instanceof Lateral(Operator input, Operator right, boolean outer, var conditions)) {
      return new Lateral(rewritten(input), alone(right), outer, conditions);
    }
    List<Operator> inputs = tree.inputs().stream().map(this::rewritten).toList();
    return inputs.isEmpty() ? tree : Trees.withInputs(tree, inputs);
  }

  private Operator answered(Apply apply) {
    return questions(apply).map(Questions::answered).orElse(apply);
  }

  /** What is asked several times is left as it is. */
  private Apply inside(Apply apply) {
    Operator query = left(apply.before()).isPresent() ? apply.query() : alone(apply.query());
    return new Apply(rewritten(apply.input()), apply.as(), apply.before(), query);
  }

  /**
   * A query in which nothing depends on the row around it. In the others each question would be one
   * more way in which a change concerns the row, beside all others.
   */
  private Operator alone(Operator query) {
    return Trees.free(query).isEmpty() ? rewritten(query) : query;
  }

  /**
   * The questions, in the order in which they decide.
   *
   * @param found whether Q has x
   * @param unknown whether the answer is NULL, if it has not
   */
  private record Questions(Apply apply, Asked found, List<Asked> unknown) {

    /** The rows for which it is true. */
    Operator rowsFound() {
      return result(
          new Filter(found.on(apply.input()), Scalar.column(found.as())), Scalar.of("true"));
    }

    /** The rows for which it is false. */
    Operator rowsNotFound() {
      Operator tree = apply.input();
      var all = new ArrayList<>(List.of(found));
      all.addAll(unknown);
      for (Asked question : all) {
        tree = new Filter(question.on(tree), Scalar.of("(NOT ", question.as(), ")"));
      }
      return result(tree, Scalar.of("false"));
    }

    Operator answered() {
      Operator tree = found.on(apply.input());
      var answer = new ArrayList<Object>(List.of("CASE WHEN ", found.as(), " THEN true"));
      for (Asked question : unknown) {
        tree = question.on(tree);
        answer.addAll(List.of(" WHEN ", question.as(), " THEN NULL::boolean"));
      }
      answer.add(" ELSE false END");
      return result(tree, Scalar.of(answer.toArray()));
    }

    private Operator result(Operator tree, Scalar value) {
      var outputs = new ArrayList<Named>();
      apply.input().columns().forEach(c -> outputs.add(Named.same(c)));
      outputs.add(new Named(apply.as(), value));
      return new Project(tree, outputs);
    }

    /** EXISTS (query) as a column. */
    private record Asked(ColumnRef as, Operator query) {
      Operator on(Operator input) {
        return new Apply(input, as, EXISTS, query);
      }
    }
  }

  private Optional<Questions> questions(Apply apply) {
    Operator query = apply.query();
    Optional<Scalar> left = left(apply.before());
    if (left.isEmpty() || query.columns().size() != 1) {
      return Optional.empty();
    }
    Scalar x = left.get().grouped();
    ColumnRef y = query.columns().getFirst();
    var unknown = new ArrayList<Questions.Asked>();
    if (!isNotNull(query, y)) {
      TreeRewrite.Copy copy = copy(query);
      Scalar isNull = Scalar.of("(", copy.of(y), " IS NULL)");
      unknown.add(asked(apply, new Filter(copy.tree(), isNull)));
    }
    boolean known = left.get().asColumn().map(c -> isNotNull(apply.input(), c)).orElse(false);
    if (!known) {
      unknown.add(asked(apply, new Filter(copy(query).tree(), Scalar.of("(", x, " IS NULL)"))));
    }
    Operator same = new Filter(query, Scalar.of("(", x, " = ", y, ")"));
    return Optional.of(new Questions(apply, asked(apply, same), unknown));
  }

  /** Relations have names of their own everywhere in a tree. */
  private TreeRewrite.Copy copy(Operator query) {
    return TreeRewrite.copy(query, _ -> "__freshet_q" + ++names);
  }

  private Questions.Asked asked(Apply apply, Operator query) {
    String relation = apply.as().relation();
    return new Questions.Asked(new ColumnRef(relation, "__freshet_in" + ++names), query);
  }

  /** x of {@code x IN}; a row is not taken apart. */
  private static Optional<Scalar> left(Scalar before) {
    var text = new ScalarText(before);
    int in = text.size() - 1;
    return in > 0 && text.is(in, "IN") && !text.is(0, "ROW")
        ? Optional.of(text.part(0, in))
        : Optional.empty();
  }

  /** The column is declared NOT NULL, or a condition keeps only rows where it is not NULL. */
  static boolean isNotNull(Operator tree, ColumnRef ref) {
    return switch (tree) {
      case Scan(_, SourceTable table) ->
          tree.columns().contains(ref)
              && table.column(ref.column()).map(SourceTable.Column::notNull).orElse(false);
      case Filter(Operator input, Scalar condition) ->
          excludesNull(condition, ref) || isNotNull(input, ref);
      case Operator.ClockFilter(Operator input, _, _, _) -> isNotNull(input, ref);
      case Project(Operator input, var outputs) -> passedOn(input, outputs, ref);
      case Aggregate(Operator input, var groups, _) -> passedOn(input, groups, ref);
      case Join(var inputs, var conditions) ->
          conditions.stream().anyMatch(c -> excludesNull(c, ref))
              || inputs.stream().anyMatch(input -> isNotNull(input, ref));
      case UnionAll(var inputs) -> inputs.stream().allMatch(input -> isNotNull(input, ref));
      case OuterJoin(Operator left, _, boolean full, _) -> !full && isNotNull(left, ref);
      case Apply _, Lateral _, Operator.Window _, Operator.DistinctOn _, Operator.Limit _ ->
          isNotNull(tree.inputs().getFirst(), ref);
      case Operator.SetOperation(_, _, Operator left, _) -> isNotNull(left, ref);
      case Operator.Delta _,
          Operator.ChangedKeys _,
          Operator.Bound _,
          Operator.Copies _,
          Operator.FunctionRows _,
          Operator.Values _ ->
          false;
    };
  }

  private static boolean passedOn(Operator input, List<Named> outputs, ColumnRef ref) {
    return outputs.stream()
        .filter(output -> output.as().equals(ref))
        .findFirst()
        .flatMap(output -> output.value().asColumn())
        .map(column -> isNotNull(input, column))
        .orElse(false);
  }

  private static boolean excludesNull(Scalar condition, ColumnRef ref) {
    return condition.columns().equals(Set.of(ref))
        && condition.sql(_ -> "c").replace("(", "").replace(")", "").equals("c IS NOT NULL");
  }
}
