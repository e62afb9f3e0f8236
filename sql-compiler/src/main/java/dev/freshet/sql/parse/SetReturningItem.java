package dev.freshet.sql.parse;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.Postgres.FunctionKind;
import dev.freshet.sql.parse.Lowering.Environment;
import dev.freshet.sql.tree.ColumnRef;
import java.util.List;
import java.util.Optional;

/**
 * The one entry of a SELECT list that is a call of a set-returning function.
 *
 * @param function its name as printed
 * @param arguments with their parentheses
 * @param value the column for its rows
 */
record SetReturningItem(Syntax.Item item, String function, List<Token> arguments, ColumnRef value) {

  static Optional<SetReturningItem> of(
      Syntax.Select select, Lowering lowering, Environment environment) {
    Optional<SetReturningItem> found = Optional.empty();
    for (Syntax.Item item : select.items()) {
      List<Token> tokens = TokenLists.core(item.value().tokens());
      int open = isCall(tokens);
      if (open > 0 && returnsSet(tokens, open, lowering)) {
        if (found.isPresent()) {
          throw new UnsupportedQueryException("several set-returning functions in a SELECT list");
        }
        requireOneColumn(select, item, lowering, environment);
        var value = new ColumnRef(lowering.fresh("rows"), "v");
        String function = new Syntax.Expression(tokens.subList(0, open)).toString();
        found =
            Optional.of(
                new SetReturningItem(item, function, tokens.subList(open, tokens.size()), value));
      }
    }
    return found;
  }

  /** The position of the opening parenthesis, if there is nothing but a call; else 0. */
  private static int isCall(List<Token> tokens) {
    int open = 1;
    if (tokens.size() > 3 && tokens.get(1).is(".")) {
      open = 3;
    }
    if (tokens.size() < open + 2 || !tokens.getFirst().isName() || !tokens.get(open).is("(")) {
      return 0;
    }
    int depth = 0;
    for (int i = open; i < tokens.size(); i++) {
      depth += tokens.get(i).is("(") ? 1 : tokens.get(i).is(")") ? -1 : 0;
      if (depth == 0) {
        return i == tokens.size() - 1 ? open : 0;
      }
    }
    return 0;
  }

  private static boolean returnsSet(List<Token> tokens, int open, Lowering lowering) {
    String schema = open == 3 ? tokens.getFirst().name() : "pg_catalog";
    return lowering.functions().kind(schema, tokens.get(open - 1).name()) == FunctionKind.SET;
  }

  /** In FROM a row would come as several columns. */
  private static void requireOneColumn(
      Syntax.Select select, Syntax.Item item, Lowering lowering, Environment environment) {
    int position = select.items().indexOf(item);
    ColumnType type =
        lowering
            .describeAlone(environment.text(select), "a set-returning function in the list")
            .get(position)
            .type();
    if (type.array() || type.base().equals("record")) {
      throw new UnsupportedQueryException(
          "set-returning function of " + type.name() + " in the SELECT list: call it in FROM");
    }
  }
}
