package dev.freshet.sql.parse;

import dev.freshet.sql.parse.Lowering.Lowered;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The end of a SELECT: its columns, DISTINCT, ORDER BY and LIMIT. What is sorted by without being
 * selected is a hidden column until then.
 */
final class SelectOutput {
  /**
   * A sort key or an expression of DISTINCT ON.
   *
   * @param item the position of the same expression in the list; −1 if it is hidden
   * @param suffix {@code DESC NULLS LAST} …
   */
  private record Key(int item, int hidden, String suffix) {}

  private final Lowering lowering;
  private final Syntax.Select select;
  private final Optional<Syntax.Tail> kept;
  private final List<Scalar> hidden = new ArrayList<>();
  private final List<Key> on = new ArrayList<>();
  private final List<Key> order = new ArrayList<>();

  /**
   * @param kept the tail, if more of it than the order for DISTINCT ON means something
   */
  SelectOutput(
      Lowering lowering,
      Syntax.Select select,
      Optional<Syntax.Tail> kept,
      Optional<Syntax.Tail> tail,
      ScalarReader reader) {
    this.lowering = lowering;
    this.select = select;
    this.kept = kept;
    select.distinct().on().forEach(e -> on.add(key(e.tokens(), "", reader)));
    if (kept.isPresent() || !on.isEmpty()) {
      for (Syntax.Expression key : tail.map(Syntax.Tail::orderBy).orElse(List.of())) {
        List<Token> tokens = SortKeys.expression(key.tokens());
        order.add(key(tokens, SortKeys.direction(key.tokens()), reader));
      }
    }
  }

  private Key key(List<Token> expression, String suffix, ScalarReader reader) {
    List<Token> core = TokenLists.core(expression);
    for (int i = 0; i < select.items().size(); i++) {
      List<Token> item = select.items().get(i).value().tokens();
      if (Conjuncts.same(core, TokenLists.core(item))) {
        return new Key(i, -1, suffix);
      }
    }
    Scalar value = reader.read(core);
    if (!hidden.contains(value)) {
      hidden.add(value);
    }
    return new Key(-1, hidden.indexOf(value), suffix);
  }

  /** Replaces the columns that hidden keys read below the groups. */
  void resolve(Function<ColumnRef, Scalar> columns) {
    hidden.replaceAll(key -> key.map(columns));
  }

  Lowered on(Operator input, List<Scalar> listed) {
    List<Scalar> values = listed;
    List<String> names = names();
    if (names.isEmpty()) { // EXISTS (SELECT FROM …)
      names = List.of("one");
      values = List.of(Scalar.of("1"));
    }
    List<ColumnRef> refs = Lowering.refs(lowering.fresh("query"), names);
    List<Named> outputs = new ArrayList<>();
    for (int i = 0; i < refs.size(); i++) {
      outputs.add(new Named(refs.get(i), values.get(i)));
    }
    List<ColumnRef> keys = new ArrayList<>();
    if (!hidden.isEmpty()) {
      String relation = lowering.fresh("keys");
      for (Scalar key : hidden) {
        keys.add(new ColumnRef(relation, "k" + (keys.size() + 1)));
        outputs.add(new Named(keys.getLast(), key));
      }
    }
    var lowered =
        new Lowered(new Operator.Project(input, outputs), SelectLowering.visible(names, refs));
    if (select.distinct().present() && on.isEmpty()) {
      if (!hidden.isEmpty()) {
        throw new UnsupportedQueryException("SELECT DISTINCT sorted by what is not selected");
      }
      lowered = lowering.distinct(lowered);
    }
    return sorted(lowered, keys);
  }

  private Lowered sorted(Lowered lowered, List<ColumnRef> keys) {
    Operator tree = lowered.tree();
    if (!on.isEmpty()) {
      tree =
          new Operator.DistinctOn(tree, scalars(on, lowered, keys), scalars(order, lowered, keys));
    }
    if (kept.isPresent()) {
      tree = lowering.limit(tree, scalars(order, lowered, keys), kept.get());
    }
    if (!keys.isEmpty()) {
      tree =
          new Operator.Project(
              tree, lowered.columns().stream().map(c -> Named.same(c.ref())).toList());
    }
    return new Lowered(tree, lowered.columns());
  }

  private static List<Scalar> scalars(List<Key> wanted, Lowered lowered, List<ColumnRef> keys) {
    return wanted.stream()
        .map(
            key -> {
              ColumnRef ref =
                  key.item() < 0 ? keys.get(key.hidden()) : lowered.columns().get(key.item()).ref();
              return key.suffix().isEmpty()
                  ? Scalar.column(ref)
                  : Scalar.of(ref, " " + key.suffix());
            })
        .toList();
  }

  /** A bare column has its own name; without AS, all else has none. */
  private List<String> names() {
    return select.items().stream()
        .map(
            item -> {
              List<Token> tokens = item.value().tokens();
              boolean column =
                  tokens.getLast().isName()
                      && (tokens.size() == 1 || tokens.size() == 3 && tokens.get(1).is("."));
              return item.name().orElse(column ? tokens.getLast().name() : "?column?");
            })
        .toList();
  }
}
