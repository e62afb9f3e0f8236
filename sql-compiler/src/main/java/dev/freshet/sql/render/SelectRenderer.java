package dev.freshet.sql.render;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Aggregate;
import dev.freshet.sql.tree.Operator.Apply;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Call;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.ClockFilter;
import dev.freshet.sql.tree.Operator.Copies;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Operator.DistinctOn;
import dev.freshet.sql.tree.Operator.Filter;
import dev.freshet.sql.tree.Operator.FunctionRows;
import dev.freshet.sql.tree.Operator.Join;
import dev.freshet.sql.tree.Operator.Lateral;
import dev.freshet.sql.tree.Operator.Limit;
import dev.freshet.sql.tree.Operator.OuterJoin;
import dev.freshet.sql.tree.Operator.Project;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Operator.SetOperation;
import dev.freshet.sql.tree.Operator.UnionAll;
import dev.freshet.sql.tree.Operator.Values;
import dev.freshet.sql.tree.Operator.Window;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Renders an operator tree as a SELECT.
 *
 * <p>Every operator becomes a {@link Block}, the parts of one SELECT; an operator that fits into
 * its input's block is merged into it, otherwise the input becomes a sub-select.
 */
public final class SelectRenderer {
  /** A key that all rows share. */
  private static final String CONSTANT = "(SELECT NULL)";

  /** Of an aggregate or window function, perhaps without an argument. */
  private static final Pattern CALL = Pattern.compile("\\w\\(");

  private final Function<Operator, String> leaves;
  private final Map<ColumnRef, String> outer = new LinkedHashMap<>();
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

  /** The column names by which a statement knows a relation that it computed before. */
  public static List<String> boundNames(Operator tree) {
    return Names.distinct(tree.columns());
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

  private String statement(Operator tree, List<String> names) {
    return switch (tree) {
      case UnionAll(List<Operator> inputs) ->
          inputs.stream()
              .map(input -> branch(input, names))
              .collect(Collectors.joining("\nUNION ALL\n"));
      case SetOperation(var kind, boolean all, Operator left, Operator right) ->
          "("
              + statement(left, names)
              + "\n) "
              + kind
              + (all ? " ALL" : "")
              + " (\n"
              + statement(right, names)
              + ")";
      case DistinctOn(Operator input, var on, var order) -> {
        Block block = ungrouped(input);
        List<String> keys = keys(block, on);
        List<String> sorted = keys(block, order);
        // Constants are equal in all rows; if there is nothing else, one row is left.
        boolean any = !keys.isEmpty();
        String first = any ? String.join(", ", keys) : CONSTANT;
        if (!any && !sorted.isEmpty()) {
          sorted.addFirst(CONSTANT);
        }
        yield block.select("DISTINCT ON (" + first + ") ", tree.columns(), names) + orderBy(sorted);
      }
      case Limit(Operator input, var order, var limit, var offset, boolean ties) -> {
        Block block = block(input);
        List<String> sorted = keys(block, order);
        if (ties && sorted.isEmpty()) {
          sorted.add(CONSTANT);
        }
        yield block.select("", tree.columns(), names)
            + orderBy(sorted)
            + offset.map(n -> "\nOFFSET (" + block.sql(n) + ")").orElse("")
            + limit
                .map(
                    n ->
                        ties
                            ? "\nFETCH FIRST (" + block.sql(n) + ") ROWS WITH TIES"
                            : "\nLIMIT (" + block.sql(n) + ")")
                .orElse("");
      }
      default -> block(tree).select("", tree.columns(), names);
    };
  }

  /** Clauses that end a SELECT, and set operations, would otherwise take in what follows. */
  private String branch(Operator input, List<String> names) {
    String text = statement(input, names);
    return input instanceof Limit || input instanceof DistinctOn || input instanceof SetOperation
        ? "(" + text + ")"
        : text;
  }

  /**
   * Sort keys. A constant tells no rows apart, and would be the position of a column; {@code
   * count(*)} reads no column and is none.
   */
  private static List<String> keys(Block block, List<Scalar> scalars) {
    return scalars.stream()
        .map(block::sql)
        .filter(key -> hasColumn(key) || (!block.isPlain() && CALL.matcher(key).find()))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String orderBy(List<String> keys) {
    return keys.isEmpty() ? "" : "\nORDER BY " + String.join(", ", keys);
  }

  private Block block(Operator operator) {
    return switch (operator) {
      case Scan(String relation, var table) ->
          leaf(table.name().toString(), relation, operator.columns());
      case Delta delta -> leaf(leaves.apply(delta), delta.scan().relation(), delta.columns());
      case ChangedKeys keys -> leaf(leaves.apply(keys), keys.scan().relation(), keys.columns());
      case Bound(String name, var columns) -> bound(name, columns);
      case FunctionRows rows -> function(rows);
      case Values values -> values(values);
      case Filter(Operator input, Scalar condition) -> filtered(input, condition);
      case ClockFilter(Operator input, Scalar condition, _, _) -> filtered(input, condition);
      case Project(Operator input, var outputs) -> {
        Block block = block(input);
        var computed = new LinkedHashMap<ColumnRef, String>();
        outputs.forEach(output -> computed.put(output.as(), block.sql(output.value())));
        block.columns.clear();
        block.columns.putAll(computed);
        yield block;
      }
      case Join(List<Operator> inputs, List<Scalar> conditions) -> {
        var block = new Block(outer);
        for (Operator input : inputs) {
          block.add(ungrouped(input));
        }
        conditions.forEach(condition -> block.where.add(block.sql(condition.grouped())));
        yield block;
      }
      case OuterJoin join -> outerJoin(join);
      case Apply(Operator input, ColumnRef as, Scalar before, Operator query) -> {
        Block block = ungrouped(input);
        String text = block.sql(before) + "(" + inside(block, query) + ")";
        block.columns.put(as, text);
        block.asks = true;
        yield block;
      }
      case Lateral lateral -> lateral(lateral);
      case Copies(Operator input, ColumnRef weight) -> {
        Block block = ungrouped(input);
        String number = block.sql(Scalar.column(weight));
        block.from.add(
            "generate_series(1, " + number + ") AS " + quote("__freshet_s" + ++subselects));
        block.columns.remove(weight);
        yield block;
      }
      case UnionAll _, SetOperation _, DistinctOn _, Limit _ -> subselect(operator);
      case Window(Operator input, _, var calls) -> {
        Block block = block(input);
        Block open = block.windowed ? enclosed(block, input.columns()) : block;
        var computed = new LinkedHashMap<ColumnRef, String>();
        calls.forEach(call -> computed.put(call.as(), open.sql(call.value().sql())));
        open.columns.putAll(computed);
        open.windowed = true;
        yield open;
      }
      case Aggregate(Operator input, var groups, var calls) -> {
        Block plain = ungrouped(input);
        Set<ColumnRef> read = new LinkedHashSet<>(input.columns());
        List<Call> ofOuter = calls.stream().filter(call -> isOfOuter(plain, call)).toList();
        ofOuter.forEach(call -> read.addAll(call.value().sql().columns()));
        Block block = plain.asks || !ofOuter.isEmpty() ? enclosed(plain, List.copyOf(read)) : plain;
        var computed = new LinkedHashMap<ColumnRef, String>();
        groups.forEach(group -> computed.put(group.as(), grouping(block.sql(group.value()))));
        block.groupBy.addAll(computed.values());
        for (Call call : calls) {
          String text = block.sql(call.value().sql());
          computed.put(call.as(), text);
          block.calls.add(text);
        }
        block.columns.clear();
        block.columns.putAll(computed);
        block.grouped = true;
        yield block;
      }
    };
  }

  /**
   * Whether an aggregate reads nothing but columns of enclosing queries. PostgreSQL takes such a
   * one for an aggregate of the query that the columns are of; it has to read a sub-select's.
   */
  private boolean isOfOuter(Block block, Call call) {
    Set<String> names = new HashSet<>();
    for (ColumnRef ref : call.value().sql().columns()) {
      names.addAll(Names.columnsIn(block.text(ref)));
    }
    return !names.isEmpty()
        && outer.values().stream()
            .map(Names::columnsIn)
            .flatMap(Set::stream)
            .collect(Collectors.toSet())
            .containsAll(names);
  }

  private Block filtered(Operator input, Scalar condition) {
    Block block = block(input);
    Block open = block.windowed ? enclosed(block, input.columns()) : block;
    (open.grouped ? open.having : open.where).add(open.sql(condition.grouped()));
    return open;
  }

  /** A constant in GROUP BY would be the position of a column. */
  private static String grouping(String value) {
    return hasColumn(value) ? value : "(SELECT " + value + ")";
  }

  private static boolean hasColumn(String value) {
    return value.indexOf('"') >= 0;
  }

  private Block leaf(String name, String relation, List<ColumnRef> columns) {
    var block = new Block(outer);
    block.from.add(name.equals(quote(relation)) ? name : name + " AS " + quote(relation));
    columns.forEach(
        ref -> block.columns.put(ref, quote(ref.relation()) + "." + quote(ref.column())));
    return block;
  }

  private Block bound(String name, List<ColumnRef> columns) {
    String alias = quote("__freshet_s" + ++subselects);
    var block = new Block(outer);
    block.from.add(quote(name) + " AS " + alias);
    List<String> names = Names.distinct(columns);
    for (int i = 0; i < columns.size(); i++) {
      block.columns.put(columns.get(i), alias + "." + quote(names.get(i)));
    }
    return block;
  }

  private Block function(FunctionRows rows) {
    String call = new Block(outer).sql(rows.call());
    return aliased(call, rows.relation(), rows.names(), rows.columns());
  }

  private Block values(Values values) {
    var nothing = new Block(outer);
    String rows =
        values.rows().stream()
            .map(row -> row.stream().map(nothing::sql).collect(Collectors.joining(", ", "(", ")")))
            .collect(Collectors.joining(", ", "(VALUES ", ")"));
    return aliased(rows, values.relation(), values.names(), values.columns());
  }

  private Block aliased(String rows, String relation, List<String> names, List<ColumnRef> columns) {
    String list = names.stream().map(n -> quote(n)).collect(Collectors.joining(", ", "(", ")"));
    Block block = leaf("", relation, columns);
    block.from.clear();
    block.from.add(rows + " AS " + quote(relation) + list);
    return block;
  }

  /** A query that may read the block's columns. */
  private String inside(Block block, Operator query) {
    var before = new LinkedHashMap<>(outer);
    outer.putAll(block.columns);
    try {
      return statement(query, Names.distinct(query.columns()));
    } finally {
      outer.clear();
      outer.putAll(before);
    }
  }

  /**
   * What restricts the right side stands in ON. Its columns must be NULL where it has no row, so
   * they must be columns, not expressions.
   */
  private Block outerJoin(OuterJoin join) {
    Block left = join.full() ? simple(join.left(), false) : ungrouped(join.left());
    Block right = simple(join.right(), !join.full());
    var block = new Block(outer);
    block.where.addAll(left.where);
    block.columns.putAll(left.columns);
    block.columns.putAll(right.columns);
    block.asks = left.asks;
    var on = new ArrayList<>(right.where);
    join.conditions().forEach(condition -> on.add(block.sql(condition.grouped())));
    String partner = right.from.size() == 1 ? right.joined() : "(" + right.joined() + ")";
    String first = left.from.isEmpty() ? "(SELECT) AS " + quote("__freshet_s" + ++subselects) : "";
    block.from.add(
        "("
            + (left.from.size() > 1 && join.full()
                ? "(" + left.joined() + ")"
                : first + left.joined())
            + (join.full() ? " FULL JOIN " : " LEFT JOIN ")
            + partner
            + " ON "
            + (on.isEmpty() ? "TRUE" : String.join(" AND ", on))
            + ")");
    return block;
  }

  /**
   * A block of FROM items, perhaps with conditions, whose columns are columns of these. One of the
   * query around it would keep its value where the join has none.
   */
  private Block simple(Operator operator, boolean conditions) {
    Block block = ungrouped(operator);
    boolean columns =
        block.columns.values().stream()
            .allMatch(text -> Names.isName(text) && !outer.containsValue(text));
    boolean whole = conditions || block.where.isEmpty();
    return columns && whole && !block.from.isEmpty() ? block : enclosed(block, operator.columns());
  }

  private Block lateral(Lateral lateral) {
    Block block = ungrouped(lateral.input());
    String alias = quote("__freshet_s" + ++subselects);
    List<String> names = Names.distinct(lateral.right().columns());
    String rows = "LATERAL (" + inside(block, lateral.right()) + ") AS " + alias;
    List<ColumnRef> columns = lateral.right().columns();
    for (int i = 0; i < columns.size(); i++) {
      block.columns.put(columns.get(i), alias + "." + quote(names.get(i)));
    }
    List<String> conditions =
        lateral.conditions().stream().map(c -> block.sql(c.grouped())).toList();
    if (!lateral.outer()) {
      block.from.add(rows);
      block.where.addAll(conditions);
      return block;
    }
    String left =
        block.from.isEmpty()
            ? "(SELECT) AS " + quote("__freshet_s" + ++subselects)
            : block.joined();
    block.from.clear();
    block.from.add(
        "("
            + left
            + " LEFT JOIN "
            + rows
            + " ON "
            + (conditions.isEmpty() ? "TRUE" : String.join(" AND ", conditions))
            + ")");
    return block;
  }

  private Block ungrouped(Operator operator) {
    Block block = block(operator);
    return block.isPlain() ? block : enclosed(block, operator.columns());
  }

  private Block subselect(Operator operator) {
    List<String> names = Names.distinct(operator.columns());
    return enclosed(statement(operator, names), operator.columns(), names);
  }

  /** A block as a sub-select: what was rendered once is not rendered again. */
  private Block enclosed(Block inner, List<ColumnRef> columns) {
    List<String> names = Names.distinct(columns);
    return enclosed(inner.select("", columns, names), columns, names);
  }

  private Block enclosed(String select, List<ColumnRef> columns, List<String> names) {
    String alias = quote("__freshet_s" + ++subselects);
    var block = new Block(outer);
    block.from.add("(" + select + ") AS " + alias);
    int position = 0;
    for (ColumnRef ref : columns) {
      block.columns.put(ref, alias + "." + quote(names.get(position++)));
    }
    return block;
  }
}
