package dev.freshet.sql.parse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import net.sf.jsqlparser.JSQLParserException;
import net.sf.jsqlparser.expression.Alias;
import net.sf.jsqlparser.expression.Expression;
import net.sf.jsqlparser.parser.CCJSqlParserUtil;
import net.sf.jsqlparser.schema.Column;
import net.sf.jsqlparser.schema.Table;
import net.sf.jsqlparser.statement.Statement;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.Join;
import net.sf.jsqlparser.statement.select.OrderByElement;
import net.sf.jsqlparser.statement.select.ParenthesedFromItem;
import net.sf.jsqlparser.statement.select.ParenthesedSelect;
import net.sf.jsqlparser.statement.select.PlainSelect;
import net.sf.jsqlparser.statement.select.Select;
import net.sf.jsqlparser.statement.select.SelectItem;
import net.sf.jsqlparser.statement.select.SetOperation;
import net.sf.jsqlparser.statement.select.SetOperationList;
import net.sf.jsqlparser.statement.select.UnionOp;
import net.sf.jsqlparser.statement.select.WithItem;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Skeleton} by JSQLParser and puts the expressions and names back. */
final class SkeletonReader {
  /** JSQLParser makes a thread pool per call unless it is given one. */
  private static final ExecutorService PARSERS =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("freshet-sql-parser-", 0).factory());

  private final Skeleton skeleton;

  private SkeletonReader(Skeleton skeleton) {
    this.skeleton = skeleton;
  }

  static Syntax read(Skeleton skeleton) {
    Statement statement;
    try {
      statement = CCJSqlParserUtil.parse(skeleton.text(), PARSERS, parser -> {});
    } catch (JSQLParserException e) {
      throw new UnsupportedQueryException(
          "the parser does not accept " + skeleton.text() + ": " + firstLine(e));
    }
    if (!(statement instanceof Select select)) {
      throw new UnsupportedQueryException("not a SELECT");
    }
    return new SkeletonReader(skeleton).query(select);
  }

  private static String firstLine(JSQLParserException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message);
  }

  private Syntax query(Select select) {
    List<Syntax.With> with = new ArrayList<>();
    if (select.getWithItemsList() != null) {
      for (WithItem<?> item : select.getWithItemsList()) {
        List<String> columns = new ArrayList<>();
        if (item.getWithItemList() != null) {
          item.getWithItemList().forEach(c -> columns.add(skeleton.name(c.toString())));
        }
        with.add(
            new Syntax.With(
                skeleton.name(item.getAliasName()), columns, query(item.getSelect().getSelect())));
      }
    }
    Syntax body =
        switch (select) {
          case PlainSelect plain -> plain(plain);
          case ParenthesedSelect inner -> query(inner.getSelect());
          case SetOperationList list -> union(list);
          default -> throw new UnsupportedQueryException(select.getClass().getSimpleName());
        };
    return with.isEmpty() ? body : new Syntax.WithQuery(with, body);
  }

  private Syntax union(SetOperationList list) {
    for (SetOperation operation : list.getOperations()) {
      if (!(operation instanceof UnionOp) || !operation.toString().equals("UNION ALL")) {
        throw new UnsupportedQueryException(
            operation + ": of the set operations only UNION ALL is maintained incrementally");
      }
    }
    return new Syntax.UnionAll(
        list.getSelects().stream().map(this::query).toList(), orderBy(list.getOrderByElements()));
  }

  private Syntax plain(PlainSelect plain) {
    List<Syntax.Item> items = new ArrayList<>();
    for (SelectItem<?> item : plain.getSelectItems()) {
      items.add(
          new Syntax.Item(
              expression(item.getExpression()),
              Optional.ofNullable(item.getAlias()).map(a -> skeleton.name(a.getName()))));
    }
    List<Syntax.FromItem> from = new ArrayList<>();
    if (plain.getFromItem() != null) {
      from.addAll(fromList(plain.getFromItem(), plain.getJoins()));
    }
    List<Syntax.Expression> groupBy = new ArrayList<>();
    if (plain.getGroupBy() != null) {
      for (Object group : plain.getGroupBy().getGroupByExpressionList()) {
        groupBy.add(expression((Expression) group));
      }
    }
    return new Syntax.Select(
        items,
        from,
        Optional.ofNullable(plain.getWhere()).map(this::expression),
        groupBy,
        Optional.ofNullable(plain.getHaving()).map(this::expression),
        orderBy(plain.getOrderByElements()));
  }

  private List<Syntax.Expression> orderBy(@Nullable List<OrderByElement> elements) {
    return elements == null
        ? List.of()
        : elements.stream().map(e -> expression(e.getExpression())).toList();
  }

  private Syntax.Expression expression(Expression placeholder) {
    return skeleton.expression(placeholder.toString());
  }

  private List<Syntax.FromItem> fromList(FromItem first, @Nullable List<Join> joins) {
    List<Syntax.FromItem> items = new ArrayList<>();
    items.add(fromItem(first));
    for (Join join : joins == null ? List.<Join>of() : joins) {
      Syntax.FromItem right = fromItem(join.getFromItem());
      if (join.isSimple()) {
        items.add(right);
      } else {
        items.add(new Syntax.Join(items.removeLast(), right, restriction(join)));
      }
    }
    return items;
  }

  private Syntax.Restriction restriction(Join join) {
    if (join.isOuter() || join.isLeft() || join.isRight() || join.isFull() || join.isSemi()) {
      throw new UnsupportedQueryException("outer join");
    }
    if (join.isNatural()) {
      return new Syntax.Natural();
    }
    if (join.isCross()) {
      return new Syntax.Cross();
    }
    if (!join.getUsingColumns().isEmpty()) {
      return new Syntax.Using(
          join.getUsingColumns().stream()
              .map((Column c) -> skeleton.name(c.getColumnName()))
              .toList());
    }
    if (join.getOnExpressions().size() == 1) {
      return new Syntax.On(expression(join.getOnExpressions().iterator().next()));
    }
    throw new UnsupportedQueryException("join " + join);
  }

  private Syntax.FromItem fromItem(FromItem item) {
    return switch (item) {
      case Table table ->
          new Syntax.Table(
              Optional.ofNullable(table.getSchemaName()).map(skeleton::name),
              skeleton.name(table.getName()),
              Optional.ofNullable(table.getAlias()).map(a -> skeleton.name(a.getName())),
              columns(table.getAlias()));
      case ParenthesedSelect select -> {
        if (select.getAlias() == null) {
          throw new UnsupportedQueryException("sub-select in FROM without alias");
        }
        yield new Syntax.SubSelect(
            query(select.getSelect()),
            skeleton.name(select.getAlias().getName()),
            columns(select.getAlias()));
      }
      case ParenthesedFromItem inner -> {
        List<Syntax.FromItem> items = fromList(inner.getFromItem(), inner.getJoins());
        if (items.size() != 1 || inner.getAlias() != null) {
          throw new UnsupportedQueryException("join in parentheses with an alias");
        }
        yield items.getFirst();
      }
      default -> throw new UnsupportedQueryException(item.getClass().getSimpleName() + " in FROM");
    };
  }

  private List<String> columns(@Nullable Alias alias) {
    return alias == null || alias.getAliasColumns() == null
        ? List.of()
        : alias.getAliasColumns().stream().map(c -> skeleton.name(c.name)).toList();
  }
}
