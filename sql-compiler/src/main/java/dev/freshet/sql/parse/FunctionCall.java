package dev.freshet.sql.parse;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;

/**
 * A function in FROM: its call, and the names of the columns that it returns.
 *
 * @param text so that an alias with these names may follow
 */
record FunctionCall(Scalar text, List<String> names) {

  static FunctionCall of(Syntax.Function function, Place place, Lowering lowering) {
    List<Token> call = function.call().tokens();
    if (call.getFirst().is("XMLTABLE") || call.getFirst().is("JSON_TABLE")) {
      return table(function, place, lowering);
    }
    Scalar text = new ScalarReader(place).read(call);
    if (function.definitions().isEmpty()) {
      if (function.columns().isEmpty()) {
        throw new UnsupportedQueryException(
            "the columns of " + function.call() + " in FROM are not known");
      }
      return new FunctionCall(text, function.columns());
    }
    // f(…) AS x (a integer, b text), as one that takes names: ROWS FROM (f(…) AS (…)) AS x (a, b)
    String definitions = new Syntax.Expression(function.definitions()).toString();
    List<String> names =
        Conjuncts.list(function.definitions()).stream().map(d -> d.getFirst().name()).toList();
    return new FunctionCall(Scalar.of("ROWS FROM (", text, " AS (" + definitions + "))"), names);
  }

  /** What stands before COLUMNS are expressions; the rest names columns, types and paths. */
  private static FunctionCall table(Syntax.Function function, Place place, Lowering lowering) {
    List<Token> call = function.call().tokens();
    int depth = 0;
    int columns = 2;
    for (int i = 1; i < call.size(); i++) {
      Token token = call.get(i);
      depth += token.is("(") ? 1 : token.is(")") ? -1 : 0;
      if (depth == 1 && token.is("COLUMNS")) {
        columns = i;
        break;
      }
    }
    List<Token> rest = call.subList(columns, call.size());
    for (int i = 0; i + 2 < rest.size(); i++) {
      Token token = rest.get(i);
      if (token.query().isPresent()
          || (token.isName()
              && rest.get(i + 1).is(".")
              && place.scope().hasRelation(token.name()))) {
        throw new UnsupportedQueryException(
            call.getFirst().text() + " whose COLUMNS read a column or a query");
      }
    }
    String tail = " " + new Syntax.Expression(rest);
    Scalar head = new ScalarReader(place).read(call.subList(2, columns));
    String open = call.getFirst().text() + "(";
    String document = call.getFirst().is("XMLTABLE") ? "NULL::xml" : "NULL::jsonb";
    String probe = open + head.sql(_ -> document) + tail;
    List<String> names = new ArrayList<>(function.columns());
    if (names.isEmpty()) {
      lowering.postgres().describe("SELECT * FROM " + probe + " AS x").stream()
          .map(OutputColumn::name)
          .forEach(names::add);
    }
    return new FunctionCall(Scalar.of(open, head, tail), names);
  }
}
