package dev.freshet.sql.parse;

import java.util.Set;

/** PostgreSQL's own aggregate functions (manual, "Aggregate Functions"), as it prints them. */
final class Aggregates {
  private static final Set<String> NAMES =
      Set.of(
          "count",
          "sum",
          "avg",
          "min",
          "max",
          "any_value",
          "array_agg",
          "bit_and",
          "bit_or",
          "bit_xor",
          "bool_and",
          "bool_or",
          "every",
          "json_agg",
          "json_agg_strict",
          "jsonb_agg",
          "jsonb_agg_strict",
          "json_object_agg",
          "json_object_agg_strict",
          "json_object_agg_unique",
          "json_object_agg_unique_strict",
          "jsonb_object_agg",
          "jsonb_object_agg_strict",
          "jsonb_object_agg_unique",
          "jsonb_object_agg_unique_strict",
          "range_agg",
          "range_intersect_agg",
          "string_agg",
          "xmlagg",
          "corr",
          "covar_pop",
          "covar_samp",
          "regr_avgx",
          "regr_avgy",
          "regr_count",
          "regr_intercept",
          "regr_r2",
          "regr_slope",
          "regr_sxx",
          "regr_sxy",
          "regr_syy",
          "stddev",
          "stddev_pop",
          "stddev_samp",
          "variance",
          "var_pop",
          "var_samp",
          "mode",
          "percentile_cont",
          "percentile_disc",
          "rank",
          "dense_rank",
          "percent_rank",
          "cume_dist",
          "JSON_ARRAYAGG",
          "JSON_OBJECTAGG");

  private static final Set<String> COLLECTING =
      Set.of(
          "array_agg",
          "string_agg",
          "json_agg",
          "jsonb_agg",
          "json_agg_strict",
          "jsonb_agg_strict",
          "json_object_agg",
          "xmlagg",
          "JSON_ARRAYAGG",
          "JSON_OBJECTAGG");

  private Aggregates() {}

  /**
   * Whether a SELECT collects the rows of its only FROM item in the order in which they come, which
   * PostgreSQL keeps (manual, "Aggregate Functions"), and JSON_ARRAY (SELECT … ORDER BY …) is.
   */
  static boolean seeOrder(Syntax.Select select) {
    return select.from().size() == 1
        && select.groupBy().elements().isEmpty()
        && select.items().stream()
            .flatMap(item -> item.value().tokens().stream())
            .anyMatch(token -> COLLECTING.contains(token.text()));
  }

  /**
   * An unqualified function name is pg_catalog's: the definition was printed without search path.
   */
  static boolean contains(Token function) {
    return NAMES.contains(function.name());
  }
}
