package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.ColumnType;
import dev.freshet.sql.DeltaBinding;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.SqlStatement.Parameter;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Reading;
import dev.freshet.sql.maintain.Changes.Changed;
import dev.freshet.sql.maintain.Changes.RelationColumn;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.render.SqlText;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.ChangedKeys;
import dev.freshet.sql.tree.Operator.Delta;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The delta relations of one statement: names the common table expressions that read them, and
 * collects the parameters in the order in which they stand.
 *
 * <p>A delta that is used once is inlined by the planner, one that is used more often is computed
 * once; both know from the arrays' lengths how small it is.
 */
final class DeltaRelations {
  static final String PRESENT = DeltaNeed.Keyed.PRESENT;

  private final Changes changes;
  private final Map<Integer, ClockRows> clock;
  private final Map<String, String> expressions = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();

  DeltaRelations(Changes changes) {
    this(changes, Map.of());
  }

  /**
   * @param clock by source, the rows whose keys time changed
   */
  DeltaRelations(Changes changes, Map<Integer, ClockRows> clock) {
    this.changes = changes;
    this.clock = clock;
  }

  /** The columns of the delta relation of {@code need} in {@code form}, in order. */
  static List<RelationColumn> columns(DeltaNeed need, DeltaBinding.Form form) {
    SourceTable source = need.source();
    var columns = new ArrayList<RelationColumn>();
    switch (need) {
      case DeltaNeed.Keyed keyed -> {
        keyed.columns().forEach(name -> columns.add(of(source, name)));
        columns.add(new RelationColumn(PRESENT, "bool", false));
      }
      case DeltaNeed.Weighted weighted -> {
        weighted.columns().forEach(name -> columns.add(of(source, name)));
        columns.add(new RelationColumn(Weighted.WEIGHT, "int8", false));
      }
      case DeltaNeed.Reduced reduced when form == DeltaBinding.Form.WEIGHTED ->
          columns.addAll(columns(reduced.fallback(), form));
      case DeltaNeed.Reduced reduced -> {
        reduced.group().forEach(name -> columns.add(of(source, name)));
        columns.add(new RelationColumn(Weighted.WEIGHT, "int8", false));
        for (int i = 0; i < reduced.sums().size(); i++) {
          String total = totalType(typeOf(source, reduced.sums().get(i)));
          columns.add(new RelationColumn(totalName(i), total, false));
          columns.add(new RelationColumn(countName(i), "int8", false));
        }
      }
    }
    return columns;
  }

  static String totalName(int sum) {
    return "__freshet_total" + (sum + 1);
  }

  static String countName(int sum) {
    return "__freshet_count" + (sum + 1);
  }

  static String totalType(ColumnType type) {
    return switch (type.base()) {
      case "int2", "int4" -> "int8";
      default -> "numeric";
    };
  }

  private static ColumnType typeOf(SourceTable source, String name) {
    return source
        .column(name)
        .orElseThrow(() -> new IllegalArgumentException(source.name() + " has no column " + name))
        .type();
  }

  private static RelationColumn of(SourceTable source, String name) {
    ColumnType type = typeOf(source, name);
    return new RelationColumn(
        name, type.array() ? type.name() : Changes.elementType(type), type.array());
  }

  /** Renders a tree of the refresh. */
  String select(Operator tree, List<String> names) {
    changes.observer().accept(new Reading("", tree));
    return SelectRenderer.select(tree, names, this::name);
  }

  /** Renders a tree that others know by name. */
  String step(String name, Operator tree) {
    changes.observer().accept(new Reading(name, tree));
    return SelectRenderer.select(tree, SelectRenderer.boundNames(tree), this::name);
  }

  /** A relation whose text is made elsewhere, and that has no more rows than a tree has. */
  void madeFrom(String name, Operator tree) {
    changes.observer().accept(new Reading(name, tree));
  }

  /** The name of the relation that holds a delta leaf's columns. */
  String name(Operator leaf) {
    return switch (leaf) {
      case Delta delta -> weighted(delta);
      case ChangedKeys keys ->
          clock.containsKey(keys.scan().table().oid()) ? inTime(keys) : keyed(keys.scan().table());
      default -> throw new IllegalArgumentException(leaf + " is no leaf of a delta tree");
    };
  }

  private String weighted(Delta delta) {
    Changed changed = changes.of(delta.scan().table().oid());
    Optional<String> table = table(changed);
    if (table.isPresent()) {
      return table.get();
    }
    String name = quote("__freshet_d" + changed.ordinal());
    expressions.computeIfAbsent(
        name,
        _ -> {
          List<RelationColumn> columns = columns(changed.need(), changed.form());
          String plain =
              "SELECT " + outputs(changed, columns) + " FROM " + relation(changed, columns);
          return changed.need() instanceof DeltaNeed.Reduced reduced
                  && changed.form() == DeltaBinding.Form.WEIGHTED
              ? measured(reduced, plain)
              : plain;
        });
    return name;
  }

  /**
   * The table that already is the relation: read as it is, its statistics tell the planner what a
   * common table expression would hide.
   */
  private static Optional<String> table(Changed changed) {
    List<RelationColumn> columns = columns(changed.need(), changed.form());
    boolean measured =
        changed.need() instanceof DeltaNeed.Reduced && changed.form() == DeltaBinding.Form.WEIGHTED;
    boolean asIs =
        outputs(changed, columns)
            .equals(columns.stream().map(c -> "u." + c.quoted()).collect(Collectors.joining(", ")));
    return changed.binding() instanceof DeltaBinding.Table(_, String quotedName)
            && asIs
            && !measured
        ? Optional.of(quotedName)
        : Optional.empty();
  }

  /** The columns of a reduced delta, computed from a weighted one. */
  private static String measured(DeltaNeed.Reduced reduced, String weighted) {
    var items = new ArrayList<String>();
    reduced.group().forEach(name -> items.add(quote(name)));
    items.add(quote(Weighted.WEIGHT));
    for (int i = 0; i < reduced.sums().size(); i++) {
      String x = quote(reduced.sums().get(i));
      String type = totalType(typeOf(reduced.source(), reduced.sums().get(i)));
      items.add(x + "::" + type + " * " + quote(Weighted.WEIGHT) + " AS " + quote(totalName(i)));
      items.add(
          "CASE WHEN "
              + x
              + " IS NOT NULL THEN "
              + quote(Weighted.WEIGHT)
              + " ELSE 0 END AS "
              + quote(countName(i)));
    }
    return "SELECT " + String.join(", ", items) + " FROM (" + weighted + ") AS w";
  }

  private String keyed(SourceTable source) {
    Changed changed = changes.of(source.oid());
    String name = quote("__freshet_k" + changed.ordinal());
    expressions.computeIfAbsent(name, _ -> keyedExpression(changed));
    return name;
  }

  /** The keys that changed, and those of rows that time moved in or out, each once. */
  private String inTime(ChangedKeys keys) {
    SourceTable source = keys.scan().table();
    ClockRows rows = Objects.requireNonNull(clock.get(source.oid()));
    String name = quote("__freshet_c" + (List.copyOf(clock.keySet()).indexOf(source.oid()) + 1));
    if (!changes.oids().contains(source.oid())) {
      expressions.putIfAbsent(name, rows.select(rows.columns()));
      return name;
    }
    List<String> names = keyColumns(changes.of(source.oid()));
    String due = rows.select(names);
    String changed = keyed(source);
    RowMatch key =
        new RowMatch(
            source.primaryKey().stream()
                .map(column -> new RowMatch.KeyColumn(column, typeOf(source, column), true))
                .toList());
    String columns =
        Stream.concat(names.stream(), Stream.of(PRESENT))
            .map(TableName::quote)
            .collect(Collectors.joining(", "));
    expressions.putIfAbsent(
        name,
        """
        SELECT %1$s FROM %2$s
        UNION ALL
        SELECT %1$s FROM (
        %3$s
        ) AS c WHERE NOT EXISTS (SELECT 1 FROM %2$s AS k WHERE %4$s)\
        """
            .formatted(columns, changed, due, key.condition("c", "k")));
    return name;
  }

  /** The columns of the source that its changed keys come with. */
  static List<String> keyColumns(Changed changed) {
    SourceTable source = changed.need().source();
    return changed.form() == DeltaBinding.Form.KEYED_LOOKUP
        ? source.primaryKey()
        : columns(changed.need(), changed.form()).stream()
            .map(RelationColumn::name)
            .filter(name -> source.column(name).isPresent())
            .toList();
  }

  private String keyedExpression(Changed changed) {
    List<RelationColumn> all = columns(changed.need(), changed.form());
    List<String> key = changed.need().source().primaryKey();
    boolean weighted = changed.form() == DeltaBinding.Form.WEIGHTED;
    List<RelationColumn> columns =
        changed.form() == DeltaBinding.Form.KEYED_LOOKUP
            ? all.stream().filter(c -> key.contains(c.name()) || c.name().equals(PRESENT)).toList()
            : all;
    String from = relation(changed, columns);
    String rows = "SELECT " + outputs(changed, columns) + " FROM " + from;
    boolean distinctBytesAreDistinctKeys =
        key.stream()
            .allMatch(k -> RowMatch.equalMeansIdentical(typeOf(changed.need().source(), k)));
    if (!weighted && distinctBytesAreDistinctKeys) {
      return rows;
    }
    String present = weighted ? ", k." + quote(Weighted.WEIGHT) + " > 0 AS " + quote(PRESENT) : "";
    String keyNames = key.stream().map(k -> "k." + quote(k)).collect(Collectors.joining(", "));
    return "SELECT DISTINCT ON (%s) k.*%s\nFROM (%s) AS k\nORDER BY %s, %s DESC"
        .formatted(
            keyNames, present, rows, keyNames, "k." + quote(weighted ? Weighted.WEIGHT : PRESENT));
  }

  private static String outputs(Changed changed, List<RelationColumn> columns) {
    List<RelationColumn> all = columns(changed.need(), changed.form());
    Set<Integer> text =
        changed.binding() instanceof DeltaBinding.Arrays(_, var textColumns)
            ? textColumns
            : Set.of();
    return columns.stream()
        .map(
            c -> {
              String cast = text.contains(all.indexOf(c)) ? "::" + c.type() : "";
              String collate =
                  changed
                      .need()
                      .source()
                      .column(c.name())
                      .flatMap(SourceTable.Column::collation)
                      .map(collation -> " COLLATE " + collation)
                      .orElse("");
              String value = "u." + c.quoted() + cast + collate;
              return value.endsWith(c.quoted()) ? value : value + " AS " + c.quoted();
            })
        .collect(Collectors.joining(", "));
  }

  private String relation(Changed changed, List<RelationColumn> columns) {
    return switch (changed.binding()) {
      case DeltaBinding.Table(_, String quotedName) -> quotedName + " AS u";
      case DeltaBinding.Arrays(_, Set<Integer> textColumns) -> {
        List<RelationColumn> all = columns(changed.need(), changed.form());
        var arrays = new ArrayList<String>();
        for (RelationColumn column : columns) {
          int position = all.indexOf(column);
          boolean text = textColumns.contains(position);
          if (column.array() && !text) {
            throw new IllegalArgumentException(
                "column "
                    + column.name()
                    + " of "
                    + changed.need().source().name()
                    + " is an array and cannot be bound as an element: bind it as text, look the"
                    + " rows up, or bind a table");
          }
          String type = (text ? "text" : column.type()) + "[]";
          arrays.add(SqlText.marker(parameters.size()) + "::" + type);
          parameters.add(new Parameter(changed.need().source().oid(), position, type));
        }
        yield unnested(arrays, columns);
      }
    };
  }

  /**
   * In FROM, unnest of composite values makes a column of each of their fields; in a SELECT list it
   * does not, but the planner then has a level more to look at.
   */
  private static String unnested(List<String> arrays, List<RelationColumn> columns) {
    if (columns.stream().anyMatch(RelationColumn::mayBeComposite)) {
      return IntStream.range(0, arrays.size())
          .mapToObj(i -> "unnest(" + arrays.get(i) + ") AS " + columns.get(i).quoted())
          .collect(Collectors.joining(", ", "(SELECT ", ") AS u"));
    }
    return columns.stream()
        .map(RelationColumn::quoted)
        .collect(Collectors.joining(", ", "unnest(" + String.join(", ", arrays) + ") AS u(", ")"));
  }

  /** The statement: {@code further} common table expressions after the deltas', then the body. */
  SqlStatement statement(Map<String, String> further, String body) {
    return statement("", further, body);
  }

  /** As {@link #statement(Map, String)}, {@code before} all of it. */
  SqlStatement statement(String before, Map<String, String> further, String body) {
    return statement(before, "WITH ", further, body);
  }

  /**
   * As {@link #statement(String, Map, String)}; the expressions may read themselves and later ones.
   */
  SqlStatement recursiveStatement(String before, Map<String, String> further, String body) {
    return statement(before, "WITH RECURSIVE ", further, body);
  }

  private SqlStatement statement(
      String before, String with, Map<String, String> further, String body) {
    var all = new LinkedHashMap<>(expressions);
    all.putAll(further);
    if (all.isEmpty()) {
      return SqlText.finish(before + body, parameters);
    }
    String list =
        all.entrySet().stream()
            .map(e -> e.getKey() + " AS (\n" + e.getValue() + "\n)")
            .collect(Collectors.joining(",\n", before + with, "\n"));
    return SqlText.finish(list + body, parameters);
  }

  /** A temporary table that holds the delta relation. */
  static SqlStatement createTable(DeltaNeed need, DeltaBinding.Form form, String quotedName) {
    List<RelationColumn> columns = columns(need, form);
    return SqlText.finish(
        IntStream.range(0, columns.size())
            .mapToObj(i -> columns.get(i).quoted() + " " + columns.get(i).type())
            .collect(
                Collectors.joining(
                    ", ", "CREATE TEMPORARY TABLE " + quotedName + " (", ") ON COMMIT DROP")));
  }
}
