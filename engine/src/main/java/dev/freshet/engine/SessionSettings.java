package dev.freshet.engine;

import dev.freshet.config.RefreshSettings;
import dev.freshet.engine.catalog.Epoch;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Settings of a session, of which results and plans depend: given with the startup packet or, where
 * a pooler does not pass that on, by a statement.
 *
 * @param values by name, free of blanks and quotes
 */
record SessionSettings(Map<String, String> values) {
  /**
   * Of the sessions that refresh.
   *
   * @param epoch the engine's, see {@link Epoch}
   */
  static SessionSettings ofRefreshes(RefreshSettings refresh, long epoch) {
    Map<String, String> values = new LinkedHashMap<>();
    // With the default a MERGE of one percent scans the whole table; JIT costs more than it brings
    // for statements of milliseconds.
    values.put("random_page_cost", "1.1");
    values.put("jit", "off");
    // With a large cache the planner takes the lookups of a nested loop for reading each page of
    // the table once in all, over all rows that the outer table has: it then joins whole tables by
    // their indexes first, and the few rows of a delta last.
    values.put("effective_cache_size", "64MB");
    // Definitions were printed with an empty one: every name in them is qualified.
    values.put("search_path", "");
    values.put(Epoch.SETTING, Long.toString(epoch));
    // Where row-level security would hide rows from this role, the server refuses the query
    // instead: changes come from the log, where no row is hidden, and must not meet fewer here.
    values.put("row_security", "off");
    values.put("lock_timeout", Long.toString(refresh.lockTimeout().toMillis()));
    values.put("statement_timeout", Long.toString(refresh.statementTimeout().toMillis()));
    return new SessionSettings(values);
  }

  /** For the driver's property {@code options}. */
  String asOptions() {
    return values.entrySet().stream()
        .map(setting -> "-c " + setting.getKey() + "=" + setting.getValue())
        .collect(Collectors.joining(" "));
  }

  String asStatement() {
    return values.entrySet().stream()
        .map(
            setting ->
                "pg_catalog.set_config('%s', '%s', false)"
                    .formatted(setting.getKey(), setting.getValue()))
        .collect(Collectors.joining(", ", "SELECT ", ""));
  }
}
