package dev.freshet.sql.parse;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * GROUP BY as a list of grouping sets (manual, "GROUPING SETS, CUBE, and ROLLUP"): elements
 * multiply, what is nested in GROUPING SETS adds up.
 *
 * @param expressions each once
 * @param sets positions in {@code expressions}
 * @param plain there are only expressions, thus one set
 */
record GroupingSets(List<List<Token>> expressions, List<List<Integer>> sets, boolean plain) {
  private static final int MAX_SETS = 64;

  static GroupingSets of(Syntax.GroupBy groupBy) {
    var reader = new Reader();
    List<List<Integer>> sets = List.of(List.of());
    for (Syntax.Expression element : groupBy.elements()) {
      sets = product(sets, reader.sets(element.tokens()));
    }
    if (groupBy.distinct()) {
      sets =
          new ArrayList<>(
              new LinkedHashSet<>(sets.stream().map(s -> s.stream().sorted().toList()).toList()));
    }
    if (sets.size() > MAX_SETS) {
      throw new UnsupportedQueryException(sets.size() + " grouping sets, more than " + MAX_SETS);
    }
    return new GroupingSets(reader.expressions, sets, reader.plain);
  }

  private static List<List<Integer>> product(List<List<Integer>> left, List<List<Integer>> right) {
    return left.stream().flatMap(l -> right.stream().map(r -> union(List.of(l, r)))).toList();
  }

  private static List<Integer> union(List<List<Integer>> sets) {
    var all = new LinkedHashSet<Integer>();
    sets.forEach(all::addAll);
    return List.copyOf(all);
  }

  /** Collects the expressions while it reads. */
  private static final class Reader {
    private final List<List<Token>> expressions = new ArrayList<>();
    private boolean plain = true;

    List<List<Integer>> sets(List<Token> element) {
      Token first = element.getFirst();
      boolean call = element.size() > 1 && element.get(1).is("(");
      if (first.is("GROUPING") && element.get(1).is("SETS")) {
        plain = false;
        return arguments(element, 2).stream().flatMap(e -> sets(e).stream()).toList();
      }
      if (first.is("ROLLUP") && call) {
        plain = false;
        List<List<Integer>> parts = arguments(element, 1).stream().map(this::set).toList();
        return IntStream.rangeClosed(0, parts.size())
            .mapToObj(dropped -> union(parts.subList(0, parts.size() - dropped)))
            .toList();
      }
      if (first.is("CUBE") && call) {
        plain = false;
        List<List<Integer>> sets = List.of(List.of());
        for (List<Token> argument : arguments(element, 1)) {
          List<List<Integer>> with = product(sets, List.of(set(argument)));
          List<List<Integer>> both = new ArrayList<>(with);
          both.addAll(sets);
          sets = both;
          if (sets.size() > MAX_SETS) {
            throw new UnsupportedQueryException("CUBE has more than " + MAX_SETS + " sets");
          }
        }
        return sets;
      }
      return List.of(set(element));
    }

    private static List<List<Token>> arguments(List<Token> element, int open) {
      return Conjuncts.list(element.subList(open + 1, element.size() - 1));
    }

    /** An expression, several in parentheses, or none: {@code ()}. */
    private List<Integer> set(List<Token> element) {
      List<Token> core = TokenLists.core(element);
      if (core.size() == 2 && core.getFirst().is("(") && core.getLast().is(")")) {
        return List.of();
      }
      return union(Conjuncts.list(core).stream().map(e -> List.of(position(e))).toList());
    }

    private int position(List<Token> expression) {
      List<Token> core = TokenLists.core(expression);
      for (int i = 0; i < expressions.size(); i++) {
        if (Conjuncts.same(expressions.get(i), core)) {
          return i;
        }
      }
      expressions.add(core);
      return expressions.size() - 1;
    }
  }
}
