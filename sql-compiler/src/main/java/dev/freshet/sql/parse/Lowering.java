package dev.freshet.sql.parse;

import dev.freshet.sql.AnalyzedQuery;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.PostgresRejectedException;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import dev.freshet.sql.parse.Scope.Visible;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Turns syntax into an operator tree: names are resolved here, once, and every relation gets a name
 * that is unique in the tree.
 *
 * <p>A common table expression is lowered wherever it is named: without volatile functions its rows
 * are the same each time. ORDER BY without LIMIT orders nothing that a table keeps, and is left
 * out, unless the rows are made an array.
 */
public final class Lowering {
  private final AnalyzedQuery query;
  private final Postgres postgres;
  private final Functions functions;
  private final RecursiveLowering recursive;
  private final Set<String> relationNames = new HashSet<>();

  private Lowering(AnalyzedQuery query, Recursions recursions) {
    this.query = query;
    this.postgres = recursions;
    this.functions = new Functions(recursions);
    this.recursive = new RecursiveLowering(this, recursions);
  }

  /**
   * What surrounds a query.
   *
   * @param common the common table expressions that it may name
   * @param outer the names of the query around it, if it is a sub-query
   * @param ordered whether the order of its rows means something: then ORDER BY without LIMIT is
   *     kept, as an {@link Operator.Limit} that limits nothing
   */
  record Environment(Map<String, Syntax.With> common, Optional<Scope> outer, boolean ordered) {
    static final Environment NONE = new Environment(Map.of(), Optional.empty(), false);

    Environment {
      common = Map.copyOf(common);
    }

    /** That of a sub-query which sees these names. */
    Environment within(Scope scope) {
      return new Environment(common, Optional.of(scope), false);
    }

    Environment ordered(boolean inOrder) {
      return new Environment(common, outer, inOrder);
    }

    /** Whether what comes after a query must be kept. */
    boolean keeps(Syntax.Tail tail) {
      return tail.limits() || (ordered && !tail.orderBy().isEmpty());
    }

    /** The text of a query that names nothing around it. */
    String text(Syntax text) {
      return bound(text, common).toString();
    }
  }

  /** A query's tree, and the names of its columns. */
  record Lowered(Operator tree, List<Visible> columns) {
    /** With other names for the first columns, as a column list after an alias gives them. */
    Lowered renamed(List<String> names) {
      List<Visible> renamed = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        Visible column = columns.get(i);
        renamed.add(new Visible(i < names.size() ? names.get(i) : column.name(), column.ref()));
      }
      return new Lowered(tree, renamed);
    }
  }

  /**
   * Reads a query's definition.
   *
   * @param recursions takes up those of the query
   * @throws UnsupportedQueryException if it cannot be maintained incrementally, with the reason
   */
  public static Operator lower(AnalyzedQuery query, Recursions recursions) {
    if (query.columns().isEmpty()) {
      throw new UnsupportedQueryException("SELECT without columns");
    }
    Syntax syntax = DefinitionReader.read(query.definition(), recursions);
    Lowered lowered = new Lowering(query, recursions).query(syntax, Environment.NONE);
    List<String> expected = query.columns().stream().map(AnalyzedQuery.OutputColumn::name).toList();
    List<String> read = lowered.columns().stream().map(Visible::name).toList();
    if (!read.equals(expected)) {
      throw new UnsupportedQueryException("columns " + expected + " were read as " + read);
    }
    return lowered.tree();
  }

  Postgres postgres() {
    return postgres;
  }

  Functions functions() {
    return functions;
  }

  /** A relation name that is not used yet. */
  String fresh(String name) {
    String candidate = name;
    for (int suffix = 2; !relationNames.add(candidate); suffix++) {
      candidate = name + "_" + suffix;
    }
    return candidate;
  }

  /** Columns of a relation, their names made distinct. */
  static List<ColumnRef> refs(String relation, List<String> names) {
    Set<String> used = new HashSet<>(names);
    Set<String> seen = new HashSet<>();
    List<ColumnRef> refs = new ArrayList<>();
    for (String name : names) {
      String distinct = name;
      if (!seen.add(name)) {
        for (int suffix = refs.size() + 1; !used.add(distinct); suffix++) {
          distinct = name + "_" + suffix;
        }
      }
      refs.add(new ColumnRef(relation, distinct));
    }
    return refs;
  }

  Lowered query(Syntax syntax, Environment environment) {
    return switch (syntax) {
      case Syntax.WithQuery(boolean mayRecur, var expressions, Syntax body) -> {
        Map<String, Syntax.With> all = new HashMap<>(environment.common());
        for (Syntax.With with : expressions) {
          all.put(with.name(), bound(with, mayRecur, all));
        }
        yield query(body, new Environment(all, environment.outer(), environment.ordered()));
      }
      case Syntax.Ordered(Syntax.Select select, Syntax.Tail tail) ->
          SelectLowering.select(this, environment, select, Optional.of(tail));
      case Syntax.Ordered(Syntax body, Syntax.Tail tail) -> {
        Lowered lowered = query(body, environment);
        yield environment.keeps(tail)
            ? new Lowered(limit(lowered.tree(), positions(tail, lowered), tail), lowered.columns())
            : lowered;
      }
      case Syntax.SetOperation operation -> setOperation(operation, environment);
      case Syntax.Values(var rows) -> values(rows, environment);
      case Syntax.Select select ->
          SelectLowering.select(this, environment, select, Optional.empty());
    };
  }

  /** What a later expression names is what came before it: it is bound now. */
  private static Syntax.With bound(
      Syntax.With with, boolean mayRecur, Map<String, Syntax.With> before) {
    boolean recursive =
        with.recursive() || (mayRecur && CommonNames.of(with.query()).contains(with.name()));
    Map<String, Syntax.With> seen = new HashMap<>(before);
    if (recursive) {
      seen.remove(with.name());
    }
    return new Syntax.With(with.name(), with.columns(), bound(with.query(), seen), recursive);
  }

  /** A query that carries the common table expressions it names. */
  private static Syntax bound(Syntax query, Map<String, Syntax.With> common) {
    List<Syntax.With> named = new ArrayList<>();
    for (String name : CommonNames.of(query)) {
      Optional.ofNullable(common.get(name)).ifPresent(named::add);
    }
    boolean recursive = named.stream().anyMatch(Syntax.With::recursive);
    if (named.isEmpty()) {
      return query;
    }
    // PostgreSQL accepts one WITH before a query.
    if (query instanceof Syntax.WithQuery(boolean inner, var expressions, Syntax body)) {
      named.addAll(expressions);
      if (named.stream().map(Syntax.With::name).distinct().count() == named.size()) {
        return new Syntax.WithQuery(recursive || inner, named, body);
      }
      named.removeAll(expressions);
    }
    return new Syntax.WithQuery(recursive, named, query);
  }

  private Lowered setOperation(Syntax.SetOperation operation, Environment environment) {
    List<Lowered> lowered =
        operation.branches().stream().map(b -> query(b, environment.ordered(false))).toList();
    List<String> names = lowered.getFirst().columns().stream().map(Visible::name).toList();
    String relation = fresh(operation.kind().name().toLowerCase(Locale.ROOT));
    List<ColumnRef> refs = refs(relation, names);
    List<Operator> inputs = new ArrayList<>();
    for (Lowered branch : lowered) {
      List<Named> outputs = new ArrayList<>();
      for (int i = 0; i < refs.size(); i++) {
        outputs.add(new Named(refs.get(i), Scalar.column(branch.columns().get(i).ref())));
      }
      inputs.add(new Operator.Project(branch.tree(), outputs));
    }
    List<Visible> columns = SelectLowering.visible(names, refs);
    return switch (operation.kind()) {
      case UNION -> {
        var all = new Lowered(new Operator.UnionAll(inputs), columns);
        yield operation.all() ? all : distinct(all);
      }
      case INTERSECT ->
          new Lowered(
              folded(Operator.SetOperation.Kind.INTERSECT, operation.all(), inputs), columns);
      case EXCEPT ->
          new Lowered(folded(Operator.SetOperation.Kind.EXCEPT, operation.all(), inputs), columns);
    };
  }

  private static Operator folded(
      Operator.SetOperation.Kind kind, boolean all, List<Operator> inputs) {
    Operator result = inputs.getFirst();
    for (Operator input : inputs.subList(1, inputs.size())) {
      result = new Operator.SetOperation(kind, all, result, input);
    }
    return result;
  }

  /** Law: δ(A) is A grouped by all its columns. */
  Lowered distinct(Lowered lowered) {
    List<String> names = lowered.columns().stream().map(Visible::name).toList();
    List<ColumnRef> refs = refs(fresh("distinct"), names);
    List<Named> groups = new ArrayList<>();
    for (int i = 0; i < refs.size(); i++) {
      groups.add(new Named(refs.get(i), Scalar.column(lowered.columns().get(i).ref())));
    }
    return new Lowered(
        new Operator.Aggregate(lowered.tree(), groups, List.of()),
        SelectLowering.visible(names, refs));
  }

  /** ORDER BY of a set operation or of VALUES: positions or names of columns. */
  private static List<Scalar> positions(Syntax.Tail tail, Lowered lowered) {
    List<Scalar> keys = new ArrayList<>();
    for (Syntax.Expression key : tail.orderBy()) {
      List<Token> expression = SortKeys.expression(key.tokens());
      Token column = expression.getLast();
      Optional<Visible> found =
          column.kind() == Token.Kind.NUMBER
              ? Optional.of(lowered.columns().get(Integer.parseInt(column.text()) - 1))
              : lowered.columns().stream().filter(c -> c.name().equals(column.name())).findFirst();
      if (found.isEmpty() || expression.size() > 3) {
        throw new UnsupportedQueryException("ORDER BY " + key + " of a set operation or VALUES");
      }
      String direction = SortKeys.direction(key.tokens());
      keys.add(
          direction.isEmpty()
              ? Scalar.column(found.get().ref())
              : Scalar.of(found.get().ref(), " " + direction));
    }
    return keys;
  }

  Operator limit(Operator tree, List<Scalar> order, Syntax.Tail tail) {
    return new Operator.Limit(
        tree,
        order,
        tail.count().map(this::count),
        tail.offset().map(this::count),
        tail.withTies());
  }

  /** The number after LIMIT or OFFSET, which may read no column of the query. */
  private Scalar count(Syntax.Expression expression) {
    if (Conjuncts.hasQuery(expression.tokens())) {
      throw new UnsupportedQueryException("LIMIT or OFFSET with a sub-query");
    }
    return new ScalarReader(noRows(Environment.NONE)).read(expression.tokens());
  }

  private RowPlace noRows(Environment environment) {
    return new RowPlace(
        this,
        environment,
        Scope.inside(environment.outer()),
        new Operator.Join(List.of(), List.of()));
  }

  private Lowered values(List<List<Syntax.Expression>> rows, Environment environment) {
    var reader = new ScalarReader(noRows(environment));
    List<List<Scalar>> values = new ArrayList<>();
    for (List<Syntax.Expression> row : rows) {
      if (row.stream().anyMatch(e -> Conjuncts.hasQuery(e.tokens()))) {
        throw new UnsupportedQueryException("VALUES with a sub-query");
      }
      values.add(row.stream().map(e -> reader.read(e.tokens())).toList());
    }
    List<String> names =
        IntStream.rangeClosed(1, values.getFirst().size()).mapToObj(i -> "column" + i).toList();
    Operator tree = new Operator.Values(fresh("values"), names, values);
    return new Lowered(tree, SelectLowering.visible(names, tree.columns()));
  }

  /**
   * The columns of a SELECT that PostgreSQL is asked about by itself, which it cannot be if it
   * reads columns of an enclosing query.
   */
  List<AnalyzedQuery.OutputColumn> describeAlone(String select, String construct) {
    try {
      return postgres().describe(select);
    } catch (PostgresRejectedException e) {
      throw new UnsupportedQueryException(construct + " of a correlated sub-query");
    }
  }

  /** A relation named in FROM. */
  Lowered table(Syntax.Table table, Environment environment) {
    Optional<Syntax.With> common =
        Optional.ofNullable(environment.common().get(table.name()))
            .filter(_ -> table.schema().isEmpty());
    Lowered found = common.map(with -> common(with, environment)).orElseGet(() -> scan(table));
    return found.renamed(table.columns());
  }

  private Lowered common(Syntax.With with, Environment environment) {
    return with.recursive()
        ? recursive.rows(with, environment)
        : query(with.query(), environment.ordered(false)).renamed(with.columns());
  }

  private Lowered scan(Syntax.Table table) {
    SourceTable source = source(table);
    if (source.kind() == SourceTable.Kind.VIEW) {
      return view(source);
    }
    if (!source.kind().deliversChanges()) {
      throw new UnsupportedQueryException(whyNoChanges(source));
    }
    Operator scan = new Operator.Scan(fresh(table.alias().orElse(table.name())), source);
    return new Lowered(
        scan, scan.columns().stream().map(ref -> new Visible(ref.column(), ref)).toList());
  }

  /** A view is the query that it stands for. */
  private Lowered view(SourceTable view) {
    Syntax syntax = DefinitionReader.read(postgres.viewDefinition(view.name()), postgres);
    List<String> names = view.columns().stream().map(SourceTable.Column::name).toList();
    return query(syntax, Environment.NONE).renamed(names);
  }

  private SourceTable source(Syntax.Table table) {
    Optional<SourceTable> source =
        table
            .schema()
            .flatMap(
                schema ->
                    query.sources().stream()
                        .filter(s -> s.name().equals(new TableName(schema, table.name())))
                        .findFirst());
    return source.orElseThrow(
        () -> new UnsupportedQueryException("the relation " + table + " is not known"));
  }

  private static String whyNoChanges(SourceTable source) {
    String name = source.name().toString();
    return switch (source.kind()) {
      case VIEW -> "reads the view " + name;
      case MATERIALIZED_VIEW ->
          "reads the materialized view " + name + ": its refresh is not in the log";
      case FOREIGN -> "reads the foreign table " + name + ": its changes are not in the log";
      case UNLOGGED -> "reads the unlogged table " + name + ": its changes are not in the log";
      case TEMPORARY -> "reads the temporary table " + name;
      case SYSTEM -> "reads the system catalog " + name + ": its changes are not published";
      case INHERITANCE_PARENT ->
          "reads "
              + name
              + ", which has children by INHERITS: their changes come under their names";
      case TABLE, PARTITIONED -> throw new IllegalArgumentException(name + " delivers changes");
    };
  }
}
