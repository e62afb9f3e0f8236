package dev.freshet.sql;

import java.util.Arrays;
import java.util.Optional;

/**
 * A setting of the session that the result of a query may depend on. Its value is pinned for each
 * stream table, so that a session, a role or a database that has another does not change the
 * result.
 *
 * <p>{@code extra_float_digits} is not among them: every session of ours has one that prints
 * floating-point numbers exactly.
 */
public enum SessionSetting {
  TIME_ZONE("TimeZone"),
  /** Only the order of day, month and year: the driver needs the format ISO. */
  DATE_STYLE("DateStyle"),
  INTERVAL_STYLE("IntervalStyle"),
  BYTEA_OUTPUT("bytea_output"),
  LC_MONETARY("lc_monetary"),
  LC_NUMERIC("lc_numeric"),
  LC_TIME("lc_time"),
  TEXT_SEARCH_CONFIG("default_text_search_config"),
  XML_BINARY("xmlbinary"),
  XML_OPTION("xmloption");

  private final String guc;

  SessionSetting(String guc) {
    this.guc = guc;
  }

  /** Its name in PostgreSQL. */
  public String guc() {
    return guc;
  }

  /** The setting of this name, in any case. */
  public static Optional<SessionSetting> named(String guc) {
    return Arrays.stream(values()).filter(s -> s.guc.equalsIgnoreCase(guc)).findFirst();
  }
}
