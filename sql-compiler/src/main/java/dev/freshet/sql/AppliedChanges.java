package dev.freshet.sql;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a refresh does to a stream table, as the stream tables over it read it in the same
 * transaction: a temporary table of rows that were taken away (weight −1) and put in (weight +1).
 *
 * <p>Law: the table's content before, plus the rows consolidated, is its content after. Rows cancel
 * only if they are identical, not merely equal: 1.0 that becomes 1.00 is a change, because a query
 * over it may print it.
 *
 * @param upstream the stream table that is changed
 * @param columns those that some dependent reads
 */
public record AppliedChanges(SourceTable upstream, List<String> columns) {
  private static final String WEIGHT = quote(Weighted.WEIGHT);

  public AppliedChanges {
    columns = List.copyOf(columns);
  }

  /** For all that {@code needs}, each about {@code upstream}, ask for. */
  public static AppliedChanges of(SourceTable upstream, Collection<DeltaNeed> needs) {
    Set<String> columns = new LinkedHashSet<>();
    needs.forEach(need -> columns.addAll(columns(need)));
    return new AppliedChanges(upstream, List.copyOf(columns));
  }

  /**
   * The temporary table's name without quotes, which need none: derived from the upstream's oid, so
   * that a trigger on the upstream finds it.
   */
  public String table() {
    return "__freshet_applied_" + Integer.toUnsignedString(upstream.oid());
  }

  /** CREATE TABLE AS keeps types, type modifiers and collations exactly. */
  public SqlStatement create() {
    List<String> items = new ArrayList<>(quoted(columns));
    items.add("0::pg_catalog.int8 AS " + WEIGHT);
    return SqlStatement.of(
        "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA"
            .formatted(table(), String.join(", ", items), upstream.name()));
  }

  /** The delta that {@code need} asks for, as a query over the temporary table. */
  public DeltaBinding.Table binding(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> new DeltaBinding.Table(DeltaBinding.Form.KEYED, newest(keyed));
      case DeltaNeed.Weighted _, DeltaNeed.Reduced _ ->
          new DeltaBinding.Table(DeltaBinding.Form.WEIGHTED, consolidated(columns(need)));
    };
  }

  private static List<String> columns(DeltaNeed need) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> keyed.columns();
      case DeltaNeed.Weighted weighted -> weighted.columns();
      case DeltaNeed.Reduced reduced -> reduced.fallback().columns();
    };
  }

  /** For each key the row that is there now, or that none is. */
  private String newest(DeltaNeed.Keyed need) {
    String key = String.join(", ", quoted(need.key()));
    return "(SELECT DISTINCT ON (%s) %s, %s > 0 AS %s FROM %s AS c ORDER BY %s, %s DESC)"
        .formatted(
            key,
            String.join(", ", quoted(need.columns())),
            WEIGHT,
            quote(DeltaNeed.Keyed.PRESENT),
            consolidated(need.columns()),
            key,
            WEIGHT);
  }

  private String consolidated(List<String> wanted) {
    return wanted.stream().allMatch(this::equalMeansIdentical) ? grouped(wanted) : ranked(wanted);
  }

  private String grouped(List<String> wanted) {
    String names = String.join(", ", quoted(wanted));
    return "(SELECT %s%spg_catalog.sum(%s)::pg_catalog.int8 AS %s FROM %s GROUP BY %s HAVING pg_catalog.sum(%s) <> 0)"
        .formatted(
            names,
            wanted.isEmpty() ? "" : ", ",
            WEIGHT,
            WEIGHT,
            table(),
            wanted.isEmpty() ? "()" : names,
            WEIGHT);
  }

  /** Types that cannot be grouped, or group what is not identical, are told apart by their text. */
  private String ranked(List<String> wanted) {
    String names = String.join(", ", quoted(wanted));
    String images = wanted.stream().map(this::image).collect(Collectors.joining(", "));
    return """
    (SELECT %1$s, %2$s FROM (
      SELECT %1$s, pg_catalog.sum(%2$s) OVER w ::pg_catalog.int8 AS %2$s,
        pg_catalog.row_number() OVER w AS "__freshet_nth"
      FROM %3$s WINDOW w AS (PARTITION BY %4$s)) AS r
    WHERE "__freshet_nth" = 1 AND %2$s <> 0)\
    """
        .formatted(names, WEIGHT, table(), images);
  }

  private String image(String column) {
    return equalMeansIdentical(column)
        ? quote(column)
        : quote(column) + "::pg_catalog.text COLLATE pg_catalog.\"C\"";
  }

  private boolean equalMeansIdentical(String column) {
    return RowMatch.equalMeansIdentical(
        upstream
            .column(column)
            .orElseThrow(
                () -> new IllegalArgumentException(upstream.name() + " has no column " + column))
            .type());
  }

  private static List<String> quoted(List<String> names) {
    return names.stream().map(TableName::quote).toList();
  }
}
