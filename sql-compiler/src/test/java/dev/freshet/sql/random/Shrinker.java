package dev.freshet.sql.random;

import dev.freshet.sql.random.Change.Insert;
import dev.freshet.sql.random.Sql.Child;
import dev.freshet.sql.random.Sql.Choice;
import dev.freshet.sql.random.Sql.Items;
import dev.freshet.sql.random.Sql.Text;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Makes a failing case smaller as long as it fails: greedy, the large parts first, until nothing
 * that can be left out is left (hierarchical delta debugging, Misherghi and Su 2006).
 */
public final class Shrinker {
  private final Predicate<Case> fails;
  private final BooleanSupplier goOn;

  /**
   * @param fails whether a case still fails in the same way
   * @param goOn false when there is no more time
   */
  public Shrinker(Predicate<Case> fails, BooleanSupplier goOn) {
    this.fails = fails;
    this.goOn = goOn;
  }

  /** The smallest case found. */
  public Case shrink(Case failing) {
    Case smallest = failing;
    boolean smaller = true;
    while (smaller && goOn.getAsBoolean()) {
      Case before = smallest;
      smallest = reduce(smallest, Shrinker::fewerSteps);
      smallest = reduce(smallest, Shrinker::smallerQuery);
      smallest = reduce(smallest, Shrinker::fewerSteps);
      smallest = reduce(smallest, Shrinker::fewerChanges);
      smallest = reduce(smallest, Shrinker::smallerSchema);
      smallest = reduce(smallest, Shrinker::fewerRows);
      smallest = reduce(smallest, Shrinker::fewerColumns);
      smaller = !smallest.equals(before);
    }
    return smallest;
  }

  private Case reduce(Case failing, Function<Case, Stream<Case>> candidates) {
    Case current = failing;
    while (goOn.getAsBoolean()) {
      Optional<Case> next =
          candidates.apply(current).takeWhile(_ -> goOn.getAsBoolean()).filter(fails).findFirst();
      if (next.isEmpty()) {
        return current;
      }
      current = next.get();
    }
    return current;
  }

  /** The list without runs of its elements: halves first, single elements last. */
  private static <T> Stream<List<T>> without(List<T> all, int least) {
    return Stream.iterate(all.size(), size -> size > 0, size -> size / 2)
        .filter(size -> all.size() - size >= least)
        .flatMap(
            size ->
                IntStream.iterate(0, from -> from + size <= all.size(), from -> from + size)
                    .mapToObj(
                        from -> {
                          List<T> rest = new ArrayList<>(all);
                          rest.subList(from, from + size).clear();
                          return rest;
                        }));
  }

  private static <T> List<T> replaced(List<T> all, int index, T element) {
    List<T> changed = new ArrayList<>(all);
    changed.set(index, element);
    return changed;
  }

  private static Stream<Case> fewerSteps(Case failing) {
    Stream<Case> fewer = without(failing.steps(), 0).map(failing::withSteps);
    // Two steps in one: the changes may be needed, the refresh between them not.
    Stream<Case> joined =
        IntStream.range(1, failing.steps().size())
            .mapToObj(
                i -> {
                  List<Case.Step> steps = new ArrayList<>(failing.steps());
                  Case.Step first = steps.remove(i - 1);
                  Case.Step second = steps.get(i - 1);
                  List<Change> both =
                      Stream.concat(first.changes().stream(), second.changes().stream()).toList();
                  steps.set(i - 1, new Case.Step(both, second.transport()));
                  return failing.withSteps(steps);
                });
    return Stream.concat(fewer, joined);
  }

  private static Stream<Case> fewerChanges(Case failing) {
    return IntStream.range(0, failing.steps().size())
        .boxed()
        .flatMap(
            i -> {
              Case.Step step = failing.steps().get(i);
              Stream<Case.Step> fewer =
                  Stream.concat(
                      without(step.changes(), 0)
                          .map(changes -> new Case.Step(changes, step.transport())),
                      step.transport().equals("ARRAYS")
                          ? Stream.empty()
                          : Stream.of(new Case.Step(step.changes(), "ARRAYS")));
              return fewer.map(s -> failing.withSteps(replaced(failing.steps(), i, s)));
            });
  }

  private static Stream<Case> fewerRows(Case failing) {
    Stream<Case> content = fewerRows(failing.content()).map(failing::withContent);
    Stream<Case> steps =
        IntStream.range(0, failing.steps().size())
            .boxed()
            .flatMap(
                i -> {
                  Case.Step step = failing.steps().get(i);
                  return fewerRows(step.changes())
                      .map(
                          changes ->
                              failing.withSteps(
                                  replaced(
                                      failing.steps(),
                                      i,
                                      new Case.Step(changes, step.transport()))));
                });
    return Stream.concat(content, steps);
  }

  private static Stream<List<Change>> fewerRows(List<Change> changes) {
    Stream<List<Change>> whole = without(changes, 0);
    Stream<List<Change>> rows =
        IntStream.range(0, changes.size())
            .boxed()
            .flatMap(
                i ->
                    changes.get(i) instanceof Insert insert
                        ? without(insert.rows(), 1)
                            .map(
                                rest ->
                                    replaced(
                                        changes,
                                        i,
                                        (Change)
                                            new Insert(insert.table(), insert.columns(), rest)))
                        : Stream.empty());
    return Stream.concat(whole, rows);
  }

  private static Stream<Case> smallerSchema(Case failing) {
    Schema schema = failing.schema();
    Stream<Case> tables =
        IntStream.range(0, schema.tables().size())
            .boxed()
            .flatMap(
                i -> {
                  Table table = schema.tables().get(i);
                  List<Table> others = new ArrayList<>(schema.tables());
                  others.remove((int) i);
                  Case without =
                      untouched(failing, table.name())
                          .with(new Schema(schema.preamble(), others, schema.views()));
                  Stream<Table> simpler =
                      Stream.of(
                              table.withoutIndexes(),
                              table.unpartitioned(),
                              table.withoutKey(),
                              table.nullable())
                          .filter(t -> !t.equals(table));
                  return Stream.concat(
                      Stream.of(without),
                      simpler.map(
                          t ->
                              failing.with(
                                  new Schema(
                                      schema.preamble(),
                                      replaced(schema.tables(), i, t),
                                      schema.views()))));
                });
    Stream<Case> views =
        without(schema.views(), 0)
            .map(rest -> failing.with(new Schema(schema.preamble(), schema.tables(), rest)));
    Stream<Case> preamble =
        without(schema.preamble(), 0)
            .map(rest -> failing.with(new Schema(rest, schema.tables(), schema.views())));
    return Stream.of(views, tables, preamble).flatMap(s -> s);
  }

  /** Without the changes of a table. */
  private static Case untouched(Case failing, String table) {
    return failing
        .withContent(failing.content().stream().filter(c -> !c.table().equals(table)).toList())
        .withSteps(
            failing.steps().stream()
                .map(
                    s ->
                        new Case.Step(
                            s.changes().stream().filter(c -> !c.table().equals(table)).toList(),
                            s.transport()))
                .toList());
  }

  private static Stream<Case> fewerColumns(Case failing) {
    Schema schema = failing.schema();
    return IntStream.range(0, schema.tables().size())
        .boxed()
        .flatMap(
            i -> {
              Table table = schema.tables().get(i);
              return table.fields().stream()
                  .filter(_ -> table.fields().size() > 1)
                  .map(
                      field ->
                          without(failing, table, field.name())
                              .with(
                                  new Schema(
                                      schema.preamble(),
                                      replaced(schema.tables(), i, table.without(field)),
                                      schema.views())));
            });
  }

  private static Case without(Case failing, Table table, String column) {
    return failing
        .withContent(
            failing.content().stream().map(change -> without(change, table, column)).toList())
        .withSteps(
            failing.steps().stream()
                .map(
                    step ->
                        new Case.Step(
                            step.changes().stream()
                                .map(change -> without(change, table, column))
                                .toList(),
                            step.transport()))
                .toList());
  }

  private static Change without(Change change, Table table, String column) {
    if (!(change instanceof Insert insert) || !insert.table().equals(table.name())) {
      return change;
    }
    int at = insert.columns().indexOf(column);
    return at < 0
        ? change
        : new Insert(
            insert.table(),
            remaining(insert.columns(), at),
            insert.rows().stream().map(row -> remaining(row, at)).toList());
  }

  private static List<String> remaining(List<String> all, int without) {
    List<String> rest = new ArrayList<>(all);
    rest.remove(without);
    return rest;
  }

  private static Stream<Case> smallerQuery(Case failing) {
    List<String> tables = failing.schema().tables().stream().map(Table::name).toList();
    return Stream.concat(smaller(failing.query()), tables(failing.query(), tables))
        .map(failing::with);
  }

  /** Trees that are smaller in one place, the places near the root first. */
  static Stream<Sql> smaller(Sql tree) {
    return Stream.of(hoisted(tree), constants(tree), pruned(tree), within(tree, Shrinker::smaller))
        .flatMap(s -> s);
  }

  /** A piece inside takes the place of the whole. */
  private static Stream<Sql> hoisted(Sql tree) {
    return tree.descendants()
        .filter(piece -> piece.sort().equals(tree.sort()))
        .sorted(Comparator.comparingInt((Sql piece) -> piece.toString().length()))
        .distinct();
  }

  private static Stream<Sql> constants(Sql tree) {
    Stream<String> texts =
        tree.sort().equals(Sql.CONDITION)
            ? Stream.of("TRUE", "FALSE")
            : Stream.of(Type.values())
                .filter(type -> type.sort().equals(tree.sort()))
                .flatMap(type -> Stream.of(type.none(), type.constant(type.samples().getFirst())));
    boolean constant =
        tree.children().findAny().isEmpty() && texts(tree.sort()).anyMatch(tree.toString()::equals);
    return constant ? Stream.empty() : texts.map(text -> Sql.text(tree.sort(), text));
  }

  private static Stream<String> texts(String sort) {
    return sort.equals(Sql.CONDITION)
        ? Stream.of("TRUE", "FALSE")
        : Stream.of(Type.values())
            .filter(type -> type.sort().equals(sort))
            .flatMap(
                type ->
                    Stream.concat(
                        Stream.of(type.none()), type.samples().stream().map(type::constant)));
  }

  /** Without an optional piece, or without items of a list. */
  private static Stream<Sql> pruned(Sql tree) {
    return IntStream.range(0, tree.parts().size())
        .boxed()
        .flatMap(
            i ->
                switch (tree.parts().get(i)) {
                  case Choice(String before, var piece, String after) when piece.isPresent() ->
                      Stream.of(tree.with(i, new Choice(before, Optional.empty(), after)));
                  case Items items ->
                      without(items.items(), items.least())
                          .map(rest -> tree.with(i, items.with(rest)));
                  case Text _, Child _, Choice _ -> Stream.empty();
                });
  }

  /** A table takes the place of a view or a common table expression. */
  private static Stream<Sql> tables(Sql tree, List<String> names) {
    if (!tree.sort().equals("relation")) {
      return within(tree, piece -> tables(piece, names));
    }
    return names.contains(tree.toString())
        ? Stream.empty()
        : names.stream().map(name -> Sql.text("relation", name));
  }

  private static Stream<Sql> within(Sql tree, Function<Sql, Stream<Sql>> change) {
    return IntStream.range(0, tree.parts().size())
        .boxed()
        .flatMap(
            i ->
                switch (tree.parts().get(i)) {
                  case Text _ -> Stream.empty();
                  case Child(Sql piece) ->
                      change.apply(piece).map(less -> tree.with(i, new Child(less)));
                  case Choice(String before, var piece, String after) ->
                      piece.stream()
                          .flatMap(change)
                          .map(less -> tree.with(i, new Choice(before, Optional.of(less), after)));
                  case Items items ->
                      IntStream.range(0, items.items().size())
                          .boxed()
                          .flatMap(
                              j ->
                                  change
                                      .apply(items.items().get(j))
                                      .map(
                                          less ->
                                              tree.with(
                                                  i,
                                                  items.with(replaced(items.items(), j, less)))));
                });
  }
}
