package dev.freshet.sql.parse;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The common table expressions that a query names and does not define itself. PostgreSQL prints
 * every other relation with its schema, so a bare name is one.
 */
final class CommonNames {
  private final Set<String> names = new LinkedHashSet<>();

  private CommonNames() {}

  static Set<String> of(Syntax query) {
    var found = new CommonNames();
    found.query(query);
    return found.names;
  }

  private void query(Syntax query) {
    switch (query) {
      case Syntax.WithQuery(boolean recursive, var expressions, Syntax body) ->
          with(recursive, expressions, body);
      case Syntax.Ordered(Syntax body, Syntax.Tail tail) -> {
        query(body);
        all(tail.orderBy());
        tail.limit().ifPresent(this::expression);
        tail.offset().ifPresent(this::expression);
      }
      case Syntax.SetOperation(_, _, var branches) -> branches.forEach(this::query);
      case Syntax.Values(var rows) -> rows.forEach(this::all);
      case Syntax.Select select -> select(select);
    }
  }

  private void with(boolean recursive, List<Syntax.With> expressions, Syntax body) {
    Set<String> defined = new LinkedHashSet<>();
    for (Syntax.With with : expressions) {
      Set<String> read = of(with.query());
      read.removeAll(defined);
      if (recursive || with.recursive()) {
        read.remove(with.name());
      }
      names.addAll(read);
      defined.add(with.name());
    }
    Set<String> read = of(body);
    read.removeAll(defined);
    names.addAll(read);
  }

  private void select(Syntax.Select select) {
    all(select.distinct().on());
    select.items().forEach(item -> expression(item.value()));
    select.from().forEach(this::item);
    select.where().ifPresent(this::expression);
    all(select.groupBy().elements());
    select.having().ifPresent(this::expression);
    select.windows().forEach(window -> tokens(window.definition()));
  }

  private void item(Syntax.FromItem item) {
    switch (item) {
      case Syntax.Table(Optional<String> schema, String name, _, _) -> {
        if (schema.isEmpty()) {
          names.add(name);
        }
      }
      case Syntax.SubSelect(_, Syntax query, _, _) -> query(query);
      case Syntax.Function function -> expression(function.call());
      case Syntax.Join join -> {
        item(join.left());
        item(join.right());
        if (join.restriction() instanceof Syntax.On(Syntax.Expression condition)) {
          expression(condition);
        }
      }
    }
  }

  private void all(List<Syntax.Expression> expressions) {
    expressions.forEach(this::expression);
  }

  private void expression(Syntax.Expression expression) {
    tokens(expression.tokens());
  }

  private void tokens(List<Token> tokens) {
    tokens.forEach(token -> token.query().ifPresent(this::query));
  }
}
