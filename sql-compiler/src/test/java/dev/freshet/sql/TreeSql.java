package dev.freshet.sql;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An operator tree as SQL in the plainest way: a sub-select for each operator, and a name of its
 * own for each column in the whole text, so that free columns find their meaning by themselves.
 */
final class TreeSql {
  private TreeSql() {}

  static String of(Operator tree) {
    String body = body(tree);
    return "SELECT " + (body.isEmpty() ? "" : names(tree.columns())) + " FROM (" + body + ") q";
  }

  private static String name(ColumnRef ref) {
    return quote(ref.toString());
  }

  private static String names(List<ColumnRef> refs) {
    return refs.stream().map(TreeSql::name).collect(Collectors.joining(", "));
  }

  private static String sql(Scalar scalar) {
    return scalar.sql(TreeSql::name);
  }

  private static String list(List<Scalar> scalars) {
    return scalars.stream().map(TreeSql::sql).collect(Collectors.joining(", "));
  }

  private static String conditions(List<Scalar> conditions) {
    return conditions.isEmpty()
        ? "true"
        : conditions.stream().map(c -> "(" + sql(c) + ")").collect(Collectors.joining(" AND "));
  }

  private static String from(Operator input) {
    return " FROM (" + body(input) + ") q";
  }

  private static String body(Operator tree) {
    return switch (tree) {
      case Operator.Scan(String relation, SourceTable table) ->
          "SELECT "
              + table.columns().stream()
                  .map(c -> quote(c.name()) + " AS " + name(new ColumnRef(relation, c.name())))
                  .collect(Collectors.joining(", "))
              + " FROM "
              + table.name()
              + " AS s";
      case Operator.Filter(Operator input, Scalar condition) ->
          "SELECT *" + from(input) + " WHERE " + sql(condition);
      case Operator.ClockFilter(Operator input, Scalar condition, var _, var _) ->
          "SELECT *" + from(input) + " WHERE " + sql(condition);
      case Operator.Project(Operator input, var outputs) ->
          "SELECT "
              + outputs.stream()
                  .map(o -> sql(o.value()) + " AS " + name(o.as()))
                  .collect(Collectors.joining(", "))
              + from(input);
      case Operator.Join(var inputs, var conditions) ->
          inputs.isEmpty()
              ? "SELECT WHERE " + conditions(conditions)
              : "SELECT * FROM "
                  + IntStream.range(0, inputs.size())
                      .mapToObj(i -> "(" + body(inputs.get(i)) + ") q" + i)
                      .collect(Collectors.joining(", "))
                  + " WHERE "
                  + conditions(conditions);
      case Operator.UnionAll(var inputs) ->
          inputs.stream().map(i -> "(" + body(i) + ")").collect(Collectors.joining(" UNION ALL "));
      case Operator.Aggregate(Operator input, var groups, var calls) -> {
        var items = new ArrayList<String>();
        groups.forEach(g -> items.add(sql(g.value()) + " AS " + name(g.as())));
        calls.forEach(c -> items.add(sql(c.value().sql()) + " AS " + name(c.as())));
        yield "SELECT "
            + String.join(", ", items)
            + from(input)
            + " GROUP BY "
            + (groups.isEmpty()
                ? "()"
                : IntStream.rangeClosed(1, groups.size())
                    .mapToObj(String::valueOf)
                    .collect(Collectors.joining(", ")));
      }
      case Operator.OuterJoin(Operator left, Operator right, boolean full, var conditions) ->
          "SELECT * FROM ("
              + body(left)
              + ") l "
              + (full ? "FULL" : "LEFT")
              + " JOIN ("
              + body(right)
              + ") r ON "
              + conditions(conditions);
      case Operator.Apply(Operator input, ColumnRef as, Scalar before, Operator query) ->
          "SELECT *, (" + sql(before) + "(" + body(query) + ")) AS " + name(as) + from(input);
      case Operator.Lateral(Operator input, Operator right, boolean outer, var conditions) ->
          "SELECT * FROM ("
              + body(input)
              + ") l "
              + (outer ? "LEFT" : "INNER")
              + " JOIN LATERAL ("
              + body(right)
              + ") r ON "
              + conditions(conditions);
      case Operator.FunctionRows(String _, Scalar call, var _) ->
          "SELECT * FROM " + sql(call) + " AS f(" + names(tree.columns()) + ")";
      case Operator.Values(String _, var _, var rows) ->
          "SELECT * FROM (VALUES "
              + rows.stream().map(r -> "(" + list(r) + ")").collect(Collectors.joining(", "))
              + ") v("
              + names(tree.columns())
              + ")";
      case Operator.Window(Operator input, var _, var calls) ->
          "SELECT *, "
              + calls.stream()
                  .map(c -> sql(c.value().sql()) + " AS " + name(c.as()))
                  .collect(Collectors.joining(", "))
              + from(input);
      case Operator.DistinctOn(Operator input, var on, var order) ->
          "SELECT DISTINCT ON ("
              + list(on)
              + ") *"
              + from(input)
              + (order.isEmpty() ? "" : " ORDER BY " + list(order));
      case Operator.Limit(Operator input, var order, var limit, var offset, boolean withTies) ->
          "SELECT *"
              + from(input)
              + (order.isEmpty() ? "" : " ORDER BY " + list(order))
              + offset.map(n -> " OFFSET " + sql(n)).orElse("")
              + limit
                  .map(
                      n ->
                          withTies
                              ? " FETCH FIRST (" + sql(n) + ") ROWS WITH TIES"
                              : " LIMIT " + sql(n))
                  .orElse("");
      case Operator.SetOperation(var kind, boolean all, Operator left, Operator right) ->
          "(" + body(left) + ") " + kind + (all ? " ALL (" : " (") + body(right) + ")";
      case Operator.Delta _, Operator.ChangedKeys _, Operator.Bound _, Operator.Copies _ ->
          throw new IllegalArgumentException("not a query tree: " + tree);
    };
  }
}
