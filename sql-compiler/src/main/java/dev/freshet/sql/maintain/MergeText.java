package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.TableName;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.RowMatch.KeyColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * MERGE statements that write a slice's rows. A row counts as changed if its bytes did ({@code *<>}
 * on records), not its value: 1.0 that became 1.00 shows, and types without equality work.
 *
 * @param columns of the slice in the table, key columns included, the branch column not
 * @param key what identifies a row
 */
record MergeText(TableName target, SliceRows rows, List<String> columns, RowMatch key) {
  /** Marks a source row that is to be in the table; the others are to be gone. */
  static final String OK = "__freshet_ok";

  /** The ctid of a row of the table: nobody else writes it, so it stays where it is. */
  static final String PLACE = "__freshet_place";

  /** Types with smaller oids are PostgreSQL's own, and none of these is a domain that matters. */
  private static final int FIRST_USER_OID = 16_384;

  MergeText {
    columns = List.copyOf(columns);
  }

  /** {@code source} has the columns and {@link #OK}, at most one row per key. */
  String apply(String source) {
    return head(source)
        + "WHEN MATCHED AND NOT n.\""
        + OK
        + "\" THEN DELETE\n"
        + update("WHEN MATCHED AND ")
        + "WHEN NOT MATCHED AND n.\""
        + OK
        + "\" THEN "
        + insert();
  }

  /** {@code source} has the columns and is all there is to be. */
  String replace(String source) {
    if (key.columns().isEmpty()) {
      return head(source) + update("WHEN MATCHED AND ") + "WHEN NOT MATCHED THEN " + insert();
    }
    return rows.serverVersion() >= 17
        ? head(source)
            + "WHEN NOT MATCHED BY SOURCE"
            + rows.owned("t")
            + " THEN DELETE\n"
            + update("WHEN MATCHED AND ")
            + "WHEN NOT MATCHED THEN "
            + insert()
        : replaceByFullJoin(source);
  }

  /** Before version 17 MERGE cannot see rows that the source lacks: a FULL JOIN finds them. */
  private String replaceByFullJoin(String source) {
    String now = "SELECT *, TRUE AS \"__freshet_ok\" FROM (\n" + source + "\n) AS q";
    String before =
        "SELECT t.ctid AS \"__freshet_place\", t.* FROM "
            + target
            + " AS t WHERE TRUE"
            + rows.owned("t");
    String onlyDifferent =
        "\nWHERE n.\"__freshet_ok\" IS NULL OR o.\"__freshet_place\" IS NULL OR "
            + differs("o", "n");
    return exchange(before, now, onlyDifferent, "WHEN MATCHED THEN ");
  }

  /**
   * Exchanges rows of the table for others.
   *
   * @param before a SELECT of {@link #PLACE} and the key columns of the rows to go
   * @param now a SELECT of the columns and {@link #OK} of the rows to come
   */
  String exchange(String before, String now) {
    return exchange(before, now, "", "WHEN MATCHED AND " + differs("t", "n") + " THEN ");
  }

  private String exchange(String before, String now, String filter, String whenChanged) {
    String items = columns.stream().map(c -> "n." + quote(c)).collect(Collectors.joining(", "));
    return """
    MERGE INTO %s AS t USING (
    SELECT %s, n."__freshet_ok", o."__freshet_place" FROM (
    %s
    ) AS n FULL JOIN (
    %s
    ) AS o ON %s%s
    ) AS n ON t.ctid = n."__freshet_place"
    WHEN MATCHED AND n."__freshet_ok" IS NULL THEN DELETE
    %sWHEN NOT MATCHED THEN %s\
    """
        .formatted(
            target,
            items,
            now,
            before,
            key.condition("o", "n"),
            filter,
            changing().isEmpty() ? "" : whenChanged + set(),
            insert());
  }

  private String head(String source) {
    return "MERGE INTO "
        + target
        + " AS t USING (\n"
        + source
        + "\n) AS n ON "
        + key.condition("t", "n")
        + rows.owned("t")
        + "\n";
  }

  private String update(String when) {
    return changing().isEmpty() ? "" : when + differs("t", "n") + " THEN " + set();
  }

  private String set() {
    return changing().stream()
        .map(c -> quote(c) + " = n." + quote(c))
        .collect(Collectors.joining(", ", "UPDATE SET ", "\n"));
  }

  /** The columns that can differ in rows of equal key. */
  private List<String> changing() {
    List<String> same =
        key.isPlain()
            ? key.columns().stream()
                .filter(c -> RowMatch.equalMeansIdentical(c.type()))
                .map(KeyColumn::name)
                .toList()
            : List.of();
    return columns.stream().filter(c -> !same.contains(c)).toList();
  }

  private String differs(String left, String right) {
    return changing().isEmpty()
        ? "FALSE"
        : record(left, false) + " OPERATOR(pg_catalog.*<>) " + record(right, true);
  }

  private String record(String alias, boolean computed) {
    return changing().stream()
        .map(c -> alias + "." + quote(c) + (computed ? declared(c) : ""))
        .collect(Collectors.joining(", ", "ROW(", ")::record"));
  }

  /** A computed column may have lost its domain: CASE has the type beneath it. */
  private String declared(String column) {
    return rows.columns().stream()
        .filter(c -> c.name().equals(column) && c.type().oid() >= FIRST_USER_OID)
        .map(c -> "::" + c.type().name())
        .findFirst()
        .orElse("");
  }

  private String insert() {
    var names = new ArrayList<String>();
    var values = new ArrayList<String>();
    for (String column : columns) {
      names.add(quote(column));
      values.add("n." + quote(column));
    }
    rows.branch()
        .ifPresent(
            branch -> {
              names.add(quote(SliceRows.BRANCH));
              values.add(String.valueOf(branch));
            });
    return "INSERT (" + String.join(", ", names) + ") VALUES (" + String.join(", ", values) + ")";
  }
}
