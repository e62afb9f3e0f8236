package dev.freshet.sql.render;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The parts of one SELECT; {@code columns} maps what it offers to SQL text. */
final class Block {
  private final Map<ColumnRef, String> outer;

  final List<String> from = new ArrayList<>();
  final List<String> where = new ArrayList<>();
  final List<String> groupBy = new ArrayList<>();
  final List<String> having = new ArrayList<>();
  final Map<ColumnRef, String> columns = new LinkedHashMap<>();

  /** It has aggregates: a further condition is HAVING. */
  boolean grouped;

  /** The aggregates' calls: without any in the SELECT, and no groups, it must say GROUP BY (). */
  final List<String> calls = new ArrayList<>();

  /** It has window functions: nothing but a projection can be added. */
  boolean windowed;

  /** Some of its columns are sub-queries. */
  boolean asks;

  /**
   * @param outer the columns of enclosing queries, as they are when text is asked for
   */
  Block(Map<ColumnRef, String> outer) {
    this.outer = outer;
  }

  /** A column of the block, or of an enclosing query. */
  String text(ColumnRef ref) {
    String text = columns.getOrDefault(ref, outer.get(ref));
    if (text == null) {
      throw new IllegalStateException("no column " + ref + " among " + columns.keySet());
    }
    return text;
  }

  String sql(Scalar scalar) {
    boolean alone = scalar.asColumn().isPresent();
    boolean sorted = scalar.isSortKey();
    return scalar.sql(
        ref -> {
          String text = text(ref);
          if (alone || Names.isName(text)) {
            return text;
          }
          // As DISTINCT ON has it: the two must agree.
          return sorted ? "(" + text + ")" : Scalar.operand(text);
        });
  }

  boolean isPlain() {
    return !grouped && !windowed;
  }

  /** All FROM items as one that JOIN can stand after. */
  String joined() {
    return String.join(" CROSS JOIN ", from);
  }

  void add(Block part) {
    from.addAll(part.from);
    where.addAll(part.where);
    columns.putAll(part.columns);
    asks |= part.asks;
  }

  /**
   * The SELECT.
   *
   * @param quantifier such as {@code DISTINCT}, with a space behind it, or nothing
   */
  String select(String quantifier, List<ColumnRef> columns, List<String> names) {
    var text = new StringBuilder("SELECT ").append(quantifier);
    var items = new ArrayList<String>();
    int position = 0;
    for (ColumnRef ref : columns) {
      String value = sql(Scalar.column(ref));
      String name = quote(names.get(position++));
      items.add(value.endsWith("." + name) && Names.isName(value) ? value : value + " AS " + name);
    }
    text.append(String.join(", ", items));
    clause(text, "FROM", from, ", ");
    clause(text, "WHERE", where, " AND ");
    boolean hidden =
        grouped
            && groupBy.isEmpty()
            && Stream.concat(items.stream(), having.stream())
                .noneMatch(part -> calls.stream().anyMatch(part::contains));
    clause(text, "GROUP BY", hidden ? List.of("()") : groupBy, ", ");
    clause(text, "HAVING", having, " AND ");
    return text.toString();
  }

  private static void clause(StringBuilder text, String keyword, List<String> parts, String glue) {
    if (!parts.isEmpty()) {
      text.append('\n').append(keyword).append(' ').append(String.join(glue, parts));
    }
  }
}
