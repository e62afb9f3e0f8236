package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.ColumnType;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rows without identity: a Z-set of whole rows, and how it is added to a table.
 *
 * <p>Rows are equal by SQL equality, column by column; a value whose type has no equality (json,
 * xml, point) is compared as its output text. Of a row with weight −w any w equal copies go, of one
 * with weight +w, w copies come.
 */
final class BagRows {
  /**
   * Types with a hash operator class only, or none: they cannot be grouped beside sortable ones.
   */
  private static final Set<String> AS_TEXT = Set.of("xid", "cid", "aclitem");

  private final List<OutputColumn> columns;
  private final RowMatch match;

  BagRows(List<OutputColumn> columns) {
    this.columns = List.copyOf(columns);
    this.match =
        new RowMatch(
            columns.stream().map(c -> new KeyColumn(c.name(), keyType(c.type()), false)).toList());
  }

  private static boolean asText(ColumnType type) {
    return !type.comparable() || AS_TEXT.contains(type.base());
  }

  private static ColumnType keyType(ColumnType type) {
    return asText(type)
        ? new ColumnType(type.name(), type.oid(), type.base(), false, false, type.array())
        : type;
  }

  /** What to index to find rows; empty if no column can be hashed. */
  String indexExpressions() {
    return match.indexExpressions();
  }

  String columnList() {
    return columns.stream().map(c -> quote(c.name())).collect(Collectors.joining(", "));
  }

  private static String key(OutputColumn column, String value) {
    return asText(column.type()) ? value + "::text" : value;
  }

  /**
   * The rows of a Z-set with equal ones added up, zeros left out: the columns in their key form,
   * and the weight.
   *
   * @param zset a SELECT of the columns and {@link Weighted#WEIGHT}
   */
  String consolidated(String zset) {
    String weight = "sum(z." + quote(Weighted.WEIGHT) + ")";
    var items = new ArrayList<String>();
    var keys = new ArrayList<String>();
    for (OutputColumn column : columns) {
      String key = key(column, "z." + quote(column.name()));
      keys.add(key);
      items.add(key + " AS " + quote(column.name()));
    }
    items.add(weight + "::bigint AS " + quote(Weighted.WEIGHT));
    return "SELECT "
        + String.join(", ", items)
        + "\nFROM (\n"
        + zset
        + "\n) AS z"
        + "\nGROUP BY "
        + (keys.isEmpty() ? "()" : String.join(", ", keys))
        + "\nHAVING "
        + weight
        + " <> 0";
  }

  /** The common table expressions and the body that add a Z-set to the rows of a table. */
  Map<String, String> applied(String zset, TableName target, SliceRows rows) {
    var parts = new LinkedHashMap<String, String>();
    String weight = quote(Weighted.WEIGHT);
    parts.put(
        "\"__freshet_z\"",
        "SELECT *, row_number() OVER () AS \"__freshet_row\" FROM (\n"
            + consolidated(zset)
            + "\n) AS z");
    List<String> inTable = columns.stream().map(c -> key(c, "t." + quote(c.name()))).toList();
    List<String> inDelta = columns.stream().map(c -> "z." + quote(c.name())).toList();
    String found = columns.isEmpty() ? "TRUE" : match.equality(inTable, inDelta);
    parts.put(
        "\"__freshet_gone\"",
        """
        DELETE FROM %1$s AS t USING (
          SELECT t.ctid AS tid, z.%2$s AS weight,
            row_number() OVER (PARTITION BY z."__freshet_row") AS copy
          FROM "__freshet_z" AS z JOIN %1$s AS t ON %3$s%4$s
          WHERE z.%2$s < 0
        ) AS o
        WHERE t.ctid = o.tid AND o.copy <= -o.weight\
        """
            .formatted(target, weight, found, rows.owned("t")));
    return parts;
  }

  /**
   * As {@link #applied} for a Z-set whose rows to go are all among those of a relation that knows
   * their places.
   *
   * @param old a relation of the columns and {@link MergeText#PLACE}
   */
  Map<String, String> replaced(String zset, String old, TableName target) {
    var parts = new LinkedHashMap<String, String>();
    parts.put(
        "\"__freshet_z\"",
        "SELECT *, row_number() OVER () AS \"__freshet_row\" FROM (\n"
            + consolidated(zset)
            + "\n) AS z");
    List<String> inOld = columns.stream().map(c -> key(c, "o." + quote(c.name()))).toList();
    List<String> inDelta = columns.stream().map(c -> "z." + quote(c.name())).toList();
    parts.put(
        "\"__freshet_gone\"",
        """
        DELETE FROM %1$s AS t USING (
          SELECT o."__freshet_place" AS place, z.%2$s AS weight,
            row_number() OVER (PARTITION BY z."__freshet_row") AS copy
          FROM "__freshet_z" AS z JOIN %3$s AS o ON %4$s
          WHERE z.%2$s < 0
        ) AS o
        WHERE t.ctid = o.place AND o.copy <= -o.weight\
        """
            .formatted(target, quote(Weighted.WEIGHT), old, match.equality(inOld, inDelta)));
    return parts;
  }

  /** The columns of consolidated rows under their names, in their own types. */
  String values(String alias) {
    return columns.stream()
        .map(
            c ->
                alias
                    + "."
                    + quote(c.name())
                    + (asText(c.type()) ? "::" + c.type().name() + " AS " + quote(c.name()) : ""))
        .collect(Collectors.joining(", "));
  }

  /** The INSERT that follows {@link #applied}. */
  String insert(TableName target, SliceRows rows) {
    var names = new ArrayList<String>();
    var values = new ArrayList<String>();
    for (OutputColumn column : columns) {
      names.add(quote(column.name()));
      String cast = asText(column.type()) ? "::" + column.type().name() : "";
      values.add("z." + quote(column.name()) + cast);
    }
    if (columns.isEmpty()) {
      names.add(quote(StreamTableSql.NO_COLUMN));
      values.add("1");
    }
    if (rows.branch().isPresent()) {
      names.add(quote(SliceRows.BRANCH));
      values.add(String.valueOf(rows.branch().getAsInt()));
    }
    String weight = "z." + quote(Weighted.WEIGHT);
    return """
    INSERT INTO %s (%s)
    SELECT %s FROM "__freshet_z" AS z, generate_series(1, %s)
    WHERE %s > 0\
    """
        .formatted(target, String.join(", ", names), String.join(", ", values), weight, weight);
  }

  /** The Z-set of one SELECT minus another, each with these columns. */
  String difference(String plus, String minus) {
    String weight = quote(Weighted.WEIGHT);
    return "SELECT "
        + columnList()
        + (columns.isEmpty() ? "" : ", ")
        + "1 AS "
        + weight
        + " FROM (\n"
        + plus
        + "\n) AS q\nUNION ALL\nSELECT "
        + columnList()
        + (columns.isEmpty() ? "" : ", ")
        + "-1 FROM (\n"
        + minus
        + "\n) AS t";
  }
}
