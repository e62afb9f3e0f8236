package dev.freshet.sql.render;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Renders an operator tree as a SELECT.
 *
 * <p>Every operator becomes a {@link Block}, the parts of one SELECT; an operator that fits into
 * its input's block is merged into it, otherwise the input becomes a sub-select.
 */
public final class SelectRenderer {
  private final Function<Operator, String> leaves;
  private int subselects;

  private SelectRenderer(Function<Operator, String> leaves) {
    this.leaves = leaves;
  }

  /**
   * Renders a tree.
   *
   * @param leaves the SQL name of a {@link Delta} or {@link ChangedKeys}
   * @param names the result's column names, in the tree's column order
   */
  public static String select(
      Operator tree, List<String> names, Function<Operator, String> leaves) {
    if (tree.columns().size() != names.size()) {
      throw new IllegalArgumentException(names + " cannot name " + tree.columns());
    }
    return new SelectRenderer(leaves).statement(tree, names);
  }

  /** Renders a tree without delta leaves. */
  public static String select(Operator tree, List<String> names) {
    return select(
        tree,
        names,
        leaf -> {
          throw new IllegalArgumentException(leaf + " is not bound");
        });
  }

  /** The parts of one SELECT; {@code columns} maps what it offers to SQL text. */
  private static final class Block {
    final List<String> from = new ArrayList<>();
    final List<String> where = new ArrayList<>();
    final List<String> groupBy = new ArrayList<>();
    final List<String> having = new ArrayList<>();
    final Map<ColumnRef, String> columns = new LinkedHashMap<>();
    boolean grouped;

    String sql(Scalar scalar) {
      boolean alone = scalar.asColumn().isPresent();
      return scalar.sql(
          ref -> {
            String text = columns.get(ref);
            if (text == null) {
              throw new IllegalStateException("no column " + ref + " among " + columns.keySet());
            }
            return alone || isName(text) ? text : "(" + text + ")";
          });
    }

    private static boolean isName(String text) {
      return text.matches("\"([^\"]|\"\")*\"(\\.\"([^\"]|\"\")*\")*");
    }
  }

  private String statement(Operator tree, List<String> names) {
    if (tree instanceof UnionAll(List<Operator> inputs)) {
      return inputs.stream()
          .map(input -> statement(input, names))
          .collect(Collectors.joining("\nUNION ALL\n"));
    }
    Block block = block(tree);
    var text = new StringBuilder("SELECT ");
    var items = new ArrayList<String>();
    int position = 0;
    for (ColumnRef ref : tree.columns()) {
      String value = block.sql(Scalar.column(ref));
      String name = quote(names.get(position++));
      items.add(value.endsWith("." + name) && Block.isName(value) ? value : value + " AS " + name);
    }
    text.append(String.join(", ", items));
    clause(text, "FROM", block.from, ", ");
    clause(text, "WHERE", block.where, " AND ");
    clause(text, "GROUP BY", block.groupBy, ", ");
    clause(text, "HAVING", block.having, " AND ");
    return text.toString();
  }

  private static void clause(StringBuilder text, String keyword, List<String> parts, String glue) {
    if (!parts.isEmpty()) {
      text.append('\n').append(keyword).append(' ').append(String.join(glue, parts));
    }
  }

  private Block block(Operator operator) {
    return switch (operator) {
      case Scan(String relation, var table) ->
          leaf(table.name().toString(), relation, operator.columns());
      case Delta delta -> leaf(leaves.apply(delta), delta.scan().relation(), delta.columns());
      case ChangedKeys keys -> leaf(leaves.apply(keys), keys.scan().relation(), keys.columns());
      case Filter(Operator input, Scalar condition) -> {
        Block block = block(input);
        (block.grouped ? block.having : block.where).add(block.sql(condition.grouped()));
        yield block;
      }
      case Project(Operator input, var outputs) -> {
        Block block = block(input);
        var computed = new LinkedHashMap<ColumnRef, String>();
        outputs.forEach(output -> computed.put(output.as(), block.sql(output.value())));
        block.columns.clear();
        block.columns.putAll(computed);
        yield block;
      }
      case Join(List<Operator> inputs, List<Scalar> conditions) -> {
        var block = new Block();
        for (Operator input : inputs) {
          Block part = ungrouped(input);
          block.from.addAll(part.from);
          block.where.addAll(part.where);
          block.columns.putAll(part.columns);
        }
        conditions.forEach(condition -> block.where.add(block.sql(condition.grouped())));
        yield block;
      }
      case UnionAll _ -> subselect(operator);
      case Operator.OuterJoin _, Operator.Apply _, Operator.Lateral _, Operator.FunctionRows _, Operator.Values _, Operator.Window _, Operator.DistinctOn _, Operator.Limit _, Operator.SetOperation _, Operator.Bound _, Operator.Copies _ -> throw new IllegalArgumentException("not rendered yet: " + operator);
      case Aggregate(Operator input, var groups, var calls) -> {
        Block block = ungrouped(input);
        var computed = new LinkedHashMap<ColumnRef, String>();
        groups.forEach(group -> computed.put(group.as(), block.sql(group.value())));
        block.groupBy.addAll(computed.values());
        calls.forEach(call -> computed.put(call.as(), block.sql(call.value().sql())));
        block.columns.clear();
        block.columns.putAll(computed);
        block.grouped = true;
        yield block;
      }
    };
  }

  private static Block leaf(String name, String relation, List<ColumnRef> columns) {
    var block = new Block();
    block.from.add(name.equals(quote(relation)) ? name : name + " AS " + quote(relation));
    columns.forEach(
        ref -> block.columns.put(ref, quote(ref.relation()) + "." + quote(ref.column())));
    return block;
  }

  private Block ungrouped(Operator operator) {
    Block block = block(operator);
    return block.grouped ? subselect(operator) : block;
  }

  private Block subselect(Operator operator) {
    String alias = quote("__freshet_s" + ++subselects);
    List<String> names = distinctNames(operator.columns());
    var block = new Block();
    block.from.add("(" + statement(operator, names) + ") AS " + alias);
    int position = 0;
    for (ColumnRef ref : operator.columns()) {
      block.columns.put(ref, alias + "." + quote(names.get(position++)));
    }
    return block;
  }

  private static List<String> distinctNames(List<ColumnRef> columns) {
    Set<String> used = new HashSet<>();
    var names = new ArrayList<String>();
    for (ColumnRef ref : columns) {
      String name = ref.column();
      for (int suffix = 2; !used.add(name); suffix++) {
        name = ref.column() + "_" + suffix;
      }
      names.add(name);
    }
    return names;
  }
}
