package dev.freshet.sql.parse;

import dev.freshet.sql.parse.Lowering.Environment;
import dev.freshet.sql.parse.Lowering.Lowered;
import dev.freshet.sql.parse.Scope.Entry;
import dev.freshet.sql.parse.Scope.Relation;
import dev.freshet.sql.parse.Syntax.JoinKind;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lowers a FROM clause. Inner joins, whose order means nothing, stay one {@link Operator.Join};
 * outer joins and items that read columns of others keep the shape that was written.
 */
final class FromLowering {
  private final Lowering lowering;
  private final Environment environment;
  private final boolean ordered;

  /**
   * @param ordered whether the order in which a sub-select returns its rows is seen
   */
  FromLowering(Lowering lowering, Environment environment, boolean ordered) {
    this.lowering = lowering;
    this.environment = environment.ordered(false);
    this.ordered = ordered;
  }

  /**
   * FROM items joined so far.
   *
   * @param scope their names alone
   */
  record Rows(List<Operator> inputs, List<Scalar> conditions, Scope scope) {
    Operator tree() {
      return inputs.size() == 1 && conditions.isEmpty()
          ? inputs.getFirst()
          : new Operator.Join(inputs, conditions);
    }

    static Rows of(Operator tree, Scope scope) {
      return new Rows(List.of(tree), List.of(), scope);
    }

    Rows withScope(Scope other) {
      return new Rows(inputs, conditions, other);
    }
  }

  /** The rows of the whole clause; one row without columns if it is empty. */
  Rows rows(List<Syntax.FromItem> items) {
    Scope none = Scope.inside(Optional.empty());
    Rows rows = new Rows(List.of(), List.of(), none);
    for (Syntax.FromItem syntax : items) {
      Rows item = item(syntax, visible(rows.scope()));
      rows = inner(rows, item, List.of(), rows.scope().and(item.scope()));
    }
    return rows;
  }

  /** As a sub-query would see these names. */
  private Scope visible(Scope names) {
    return Scope.inside(environment.outer()).and(names);
  }

  /**
   * @param lateral what LATERAL items may read
   */
  private Rows item(Syntax.FromItem item, Scope lateral) {
    return switch (item) {
      case Syntax.Table table ->
          named(table.alias().orElse(table.name()), lowering.table(table, environment));
      case Syntax.SubSelect(boolean reads, Syntax query, String alias, var columns) ->
          named(
              alias,
              lowering
                  .query(
                      query, (reads ? environment.within(lateral) : environment).ordered(ordered))
                  .renamed(columns));
      case Syntax.Function function -> function(function, lateral);
      case Syntax.Join join -> {
        Rows left = item(join.left(), lateral);
        Rows right = item(join.right(), lateral.and(left.scope()));
        Rows joined = join(join, left, right);
        yield join.alias().isPresent()
            ? joined.withScope(aliased(joined.scope(), join.alias().get(), join.columns()))
            : joined;
      }
    };
  }

  private static Rows named(String alias, Lowered lowered) {
    List<Entry> columns = lowered.columns().stream().map(Entry::of).toList();
    Optional<Operator.Scan> scan =
        lowered.tree() instanceof Operator.Scan table ? Optional.of(table) : Optional.empty();
    var relation =
        new Relation(
            columns,
            scan.map(
                s ->
                    Scalar.of(
                        "(ROW(",
                        Scalar.join(", ", s.columns().stream().map(Scalar::column).toList(), ""),
                        ")::" + s.table().name() + ")")),
            scan.flatMap(
                s ->
                    s.columns().stream()
                        .filter(c -> s.table().column(c.column()).orElseThrow().notNull())
                        .findFirst()));
    return Rows.of(lowered.tree(), Scope.of(alias, relation));
  }

  private static Scope aliased(Scope scope, String alias, List<String> names) {
    List<Entry> columns = new ArrayList<>();
    for (Entry column : scope.output()) {
      int position = columns.size();
      String name = position < names.size() ? names.get(position) : column.name();
      columns.add(new Entry(name, column.value(), column.operand()));
    }
    return Scope.of(alias, new Relation(columns, Optional.empty(), Optional.empty()));
  }

  private Rows function(Syntax.Function function, Scope lateral) {
    RowPlace place =
        new RowPlace(lowering, environment, lateral, new Operator.Join(List.of(), List.of()))
            .allowingSets();
    Operator none = place.tree();
    var call = FunctionCall.of(function, place, lowering);
    Operator rows =
        new Operator.FunctionRows(lowering.fresh(function.alias()), call.text(), call.names());
    Operator tree =
        place.tree().equals(none)
            ? rows
            : new Operator.Lateral(place.tree(), rows, false, List.of());
    List<Entry> columns =
        rows.columns().stream().map(ref -> Entry.of(new Scope.Visible(ref.column(), ref))).toList();
    return Rows.of(
        tree,
        Scope.of(function.alias(), new Relation(columns, Optional.empty(), Optional.empty())));
  }

  private Rows join(Syntax.Join join, Rows left, Rows right) {
    JoinKind kind = join.kind();
    Scope leftNames =
        kind == JoinKind.RIGHT || kind == JoinKind.FULL ? left.scope().nullable() : left.scope();
    Scope rightNames =
        kind == JoinKind.LEFT || kind == JoinKind.FULL ? right.scope().nullable() : right.scope();
    Scope both = leftNames.and(rightNames);
    return switch (join.restriction()) {
      case Syntax.Cross _ -> joined(kind, left, right, List.of(), List.of(), both);
      case Syntax.On(Syntax.Expression condition) -> {
        List<List<Token>> conjuncts =
            Conjuncts.of(condition.tokens()).stream()
                .filter(c -> !isTrue(TokenLists.core(c)))
                .toList();
        yield joined(kind, left, right, List.of(), conjuncts, both);
      }
      case Syntax.Using(var columns, var alias) -> merged(kind, left, right, columns, alias, both);
      case Syntax.Natural _ -> {
        List<String> columns =
            left.scope().output().stream()
                .map(Entry::name)
                .distinct()
                .filter(name -> !right.scope().named(name).isEmpty())
                .toList();
        yield merged(kind, left, right, columns, Optional.empty(), both);
      }
    };
  }

  private static boolean isTrue(List<Token> condition) {
    return condition.size() == 1 && condition.getFirst().is("true");
  }

  /** USING: equal columns appear once, before all others. */
  private Rows merged(
      JoinKind kind,
      Rows left,
      Rows right,
      List<String> names,
      Optional<String> alias,
      Scope both) {
    List<Scalar> equal = new ArrayList<>();
    List<Entry> merged = new ArrayList<>();
    for (String name : names) {
      Entry l = only(name, left.scope());
      Entry r = only(name, right.scope());
      equal.add(Scalar.of("(", l.operand(), " = ", r.operand(), ")"));
      merged.add(merge(kind, name, l, r));
    }
    List<Entry> output = new ArrayList<>(merged);
    both.output().stream().filter(c -> !names.contains(c.name())).forEach(output::add);
    Rows rows = joined(kind, left, right, equal, List.of(), both);
    Scope scope = rows.scope().withOutput(output);
    var relation = new Relation(merged, Optional.empty(), Optional.empty());
    return rows.withScope(alias.map(a -> scope.and(a, relation)).orElse(scope));
  }

  private static Entry only(String name, Scope side) {
    List<Entry> columns = side.named(name);
    if (columns.size() != 1) {
      throw new UnsupportedQueryException("USING (" + name + ") names no column, or several");
    }
    return columns.getFirst();
  }

  /**
   * Law: where one side is never missing, COALESCE of it and the other is that side's value, in the
   * type that the two have in common.
   */
  private static Entry merge(JoinKind kind, String name, Entry l, Entry r) {
    Entry first = kind == JoinKind.RIGHT ? r : l;
    Entry second = kind == JoinKind.RIGHT ? l : r;
    Scalar value = Scalar.of("COALESCE(", first.value(), ", ", second.value(), ")");
    return new Entry(name, value, kind == JoinKind.FULL ? value : first.operand());
  }

  private Rows joined(
      JoinKind kind,
      Rows left,
      Rows right,
      List<Scalar> equal,
      List<List<Token>> conjuncts,
      Scope both) {
    List<Scalar> conditions = new ArrayList<>(equal);
    var place = new RowPlace(lowering, environment, visible(both), right.tree());
    conjuncts.stream()
        .filter(c -> !Conjuncts.hasQuery(c))
        .forEach(c -> conditions.add(new ScalarReader(place).read(c)));
    List<List<Token>> queries = conjuncts.stream().filter(Conjuncts::hasQuery).toList();
    return switch (kind) {
      case INNER -> {
        Rows rows = inner(left, right, conditions, both);
        if (queries.isEmpty()) {
          yield rows;
        }
        var all = new RowPlace(lowering, environment, visible(both), rows.tree());
        all.filter(queries);
        yield Rows.of(all.tree(), both);
      }
      case LEFT -> Rows.of(outer(left, right, conditions, queries, both), both);
      case RIGHT -> Rows.of(outer(right, left, conditions, queries, both), both);
      case FULL -> {
        if (!queries.isEmpty()) {
          throw new UnsupportedQueryException("a sub-query in the condition of a FULL JOIN");
        }
        yield Rows.of(new Operator.OuterJoin(left.tree(), right.tree(), true, conditions), both);
      }
    };
  }

  private static Rows inner(Rows left, Rows right, List<Scalar> conditions, Scope both) {
    if (!left.inputs().isEmpty() && TreeRewrite.depends(right.tree(), left.tree())) {
      return Rows.of(new Operator.Lateral(left.tree(), right.tree(), false, conditions), both);
    }
    List<Operator> inputs = new ArrayList<>(left.inputs());
    inputs.addAll(right.inputs());
    List<Scalar> all = new ArrayList<>(left.conditions());
    all.addAll(right.conditions());
    all.addAll(conditions);
    return new Rows(inputs, all, both);
  }

  /**
   * Law: A ⟕ B on (p and q), where q asks a sub-query, is for each row of A those of σ q (B) that
   * satisfy p.
   */
  private Operator outer(
      Rows kept, Rows other, List<Scalar> conditions, List<List<Token>> queries, Scope both) {
    var place = new RowPlace(lowering, environment, visible(both), other.tree());
    place.filter(queries);
    return TreeRewrite.depends(place.tree(), kept.tree())
        ? new Operator.Lateral(kept.tree(), place.tree(), true, conditions)
        : new Operator.OuterJoin(kept.tree(), place.tree(), false, conditions);
  }
}
