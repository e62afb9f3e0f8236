package dev.freshet.sql.parse;

import dev.freshet.sql.CompilationInterruptedException;
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
import net.sf.jsqlparser.statement.select.Distinct;
import net.sf.jsqlparser.statement.select.ExceptOp;
import net.sf.jsqlparser.statement.select.FromItem;
import net.sf.jsqlparser.statement.select.GroupByElement;
import net.sf.jsqlparser.statement.select.IntersectOp;
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
    if (Thread.currentThread().isInterrupted()) {
      // Whether the parser or the wait for it ends first would be chance.
      throw new CompilationInterruptedException(new InterruptedException());
    }
    try {
      statement = CCJSqlParserUtil.parse(skeleton.text(), PARSERS, parser -> {});
    } catch (JSQLParserException e) {
      requireNotInterrupted(e);
      throw new UnsupportedQueryException(
          "the parser does not accept " + skeleton.text() + ": " + firstLine(e));
    }
    if (!(statement instanceof Select select)) {
      throw new UnsupportedQueryException("not a SELECT");
    }
    return new SkeletonReader(skeleton).query(select);
  }

  /** The parser works in another thread; who is interrupted has only stopped to wait for it. */
  private static void requireNotInterrupted(JSQLParserException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw new CompilationInterruptedException(e);
      }
    }
  }

  private static String firstLine(JSQLParserException e) {
    String message = String.valueOf(e.getMessage());
    return message.lines().findFirst().orElse(message);
  }

  private Syntax query(Select select) {
    List<Syntax.With> with = new ArrayList<>();
    boolean recursive = false;
    if (select.getWithItemsList() != null) {
      for (WithItem<?> item : select.getWithItemsList()) {
        recursive |= item.isRecursive();
        List<String> columns = new ArrayList<>();
        if (item.getWithItemList() != null) {
          item.getWithItemList().forEach(c -> columns.add(skeleton.name(c.toString())));
        }
        with.add(
            new Syntax.With(
                skeleton.name(item.getAliasName()),
                columns,
                query(item.getSelect().getSelect()),
                false));
      }
    }
    Syntax body =
        tail(
            select,
            switch (select) {
              case PlainSelect plain -> plain(plain);
              case ParenthesedSelect inner -> query(inner.getSelect());
              case SetOperationList list -> setOperation(list);
              default -> throw new UnsupportedQueryException(select.getClass().getSimpleName());
            });
    return with.isEmpty() ? body : new Syntax.WithQuery(recursive, with, body);
  }

  private Syntax tail(Select select, Syntax body) {
    List<OrderByElement> order = select.getOrderByElements();
    if (order == null) {
      return body;
    }
    String placeholder = order.getFirst().getExpression().toString();
    return new Syntax.Ordered(body, skeleton.part(placeholder, Syntax.Tail.class));
  }

  /** The skeleton has made sure that all operations of a list are the same. */
  private Syntax setOperation(SetOperationList list) {
    SetOperation first = list.getOperations().getFirst();
    Syntax.SetOperation.Kind kind =
        switch (first) {
          case UnionOp _ -> Syntax.SetOperation.Kind.UNION;
          case IntersectOp _ -> Syntax.SetOperation.Kind.INTERSECT;
          case ExceptOp _ -> Syntax.SetOperation.Kind.EXCEPT;
          default -> throw new UnsupportedQueryException("set operation " + first);
        };
    return new Syntax.SetOperation(
        kind, first.isAll(), list.getSelects().stream().map(this::query).toList());
  }

  private Syntax plain(PlainSelect plain) {
    List<Syntax.Item> items = new ArrayList<>();
    List<Syntax.NamedWindow> windows = List.of();
    for (SelectItem<?> item : plain.getSelectItems()) {
      String placeholder = item.getExpression().toString();
      Optional<Syntax.Values> values = skeleton.maybe(placeholder, Syntax.Values.class);
      if (values.isPresent()) {
        return values.get();
      }
      Optional<Skeleton.Windows> named = skeleton.maybe(placeholder, Skeleton.Windows.class);
      if (named.isPresent()) {
        windows = named.get().windows();
      } else if (skeleton.maybe(placeholder, Skeleton.Nothing.class).isEmpty()) {
        items.add(
            new Syntax.Item(
                expression(item.getExpression()),
                Optional.ofNullable(item.getAlias()).map(a -> skeleton.name(a.getName()))));
      }
    }
    List<Syntax.FromItem> from = new ArrayList<>();
    if (plain.getFromItem() != null) {
      from.addAll(fromList(plain.getFromItem(), plain.getJoins()));
    }
    return new Syntax.Select(
        distinct(plain.getDistinct()),
        items,
        from,
        Optional.ofNullable(plain.getWhere()).map(this::expression),
        groupBy(plain.getGroupBy()),
        Optional.ofNullable(plain.getHaving()).map(this::expression),
        windows);
  }

  private Syntax.Distinct distinct(@Nullable Distinct distinct) {
    if (distinct == null) {
      return Syntax.Distinct.NO;
    }
    List<SelectItem<?>> on = distinct.getOnSelectItems();
    return new Syntax.Distinct(
        true,
        on == null ? List.of() : on.stream().map(i -> expression(i.getExpression())).toList());
  }

  private Syntax.GroupBy groupBy(@Nullable GroupByElement groupBy) {
    if (groupBy == null) {
      return new Syntax.GroupBy(false, List.of());
    }
    Object placeholder = groupBy.getGroupByExpressionList().getFirst();
    return skeleton.part(String.valueOf(placeholder), Syntax.GroupBy.class);
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
        items.add(
            new Syntax.Join(
                kind(join),
                items.removeLast(),
                right,
                restriction(join),
                Optional.empty(),
                List.of()));
      }
    }
    return items;
  }

  private static Syntax.JoinKind kind(Join join) {
    if (join.isSemi() || join.isApply() || join.isStraight()) {
      throw new UnsupportedQueryException("join " + join);
    }
    return join.isLeft()
        ? Syntax.JoinKind.LEFT
        : join.isRight()
            ? Syntax.JoinKind.RIGHT
            : join.isFull() ? Syntax.JoinKind.FULL : Syntax.JoinKind.INNER;
  }

  private Syntax.Restriction restriction(Join join) {
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
              .toList(),
          skeleton.usingAlias(join.getUsingColumns().getFirst().getColumnName()));
    }
    if (join.getOnExpressions().size() == 1) {
      return new Syntax.On(expression(join.getOnExpressions().iterator().next()));
    }
    throw new UnsupportedQueryException("join " + join);
  }

  private Syntax.FromItem fromItem(FromItem item) {
    return switch (item) {
      case Table table -> {
        Optional<Syntax.Function> function = skeleton.maybe(table.getName(), Syntax.Function.class);
        yield function.isPresent()
            ? function.get()
            : new Syntax.Table(
                Optional.ofNullable(table.getSchemaName()).map(skeleton::name),
                skeleton.name(table.getName()),
                Optional.ofNullable(table.getAlias()).map(a -> skeleton.name(a.getName())),
                columns(table.getAlias()));
      }
      case ParenthesedSelect select -> {
        if (select.getAlias() == null) {
          throw new UnsupportedQueryException("sub-select in FROM without alias");
        }
        yield new Syntax.SubSelect(
            skeleton.lateral(select.getAlias().getName()),
            query(select.getSelect()),
            skeleton.name(select.getAlias().getName()),
            columns(select.getAlias()));
      }
      case ParenthesedFromItem inner -> {
        List<Syntax.FromItem> items = fromList(inner.getFromItem(), inner.getJoins());
        if (items.size() != 1) {
          throw new UnsupportedQueryException("a list in parentheses in FROM");
        }
        yield inner.getAlias() == null
            ? items.getFirst()
            : aliased(items.getFirst(), inner.getAlias());
      }
      default -> throw new UnsupportedQueryException(item.getClass().getSimpleName() + " in FROM");
    };
  }

  private Syntax.FromItem aliased(Syntax.FromItem item, Alias alias) {
    if (!(item instanceof Syntax.Join join) || join.alias().isPresent()) {
      throw new UnsupportedQueryException("parentheses with an alias in FROM");
    }
    return new Syntax.Join(
        join.kind(),
        join.left(),
        join.right(),
        join.restriction(),
        Optional.of(skeleton.name(alias.getName())),
        columns(alias));
  }

  private List<String> columns(@Nullable Alias alias) {
    return alias == null ? List.of() : skeleton.columns(alias.getName());
  }
}
