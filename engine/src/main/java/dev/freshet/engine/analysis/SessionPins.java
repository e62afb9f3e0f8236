package dev.freshet.engine.analysis;

import dev.freshet.sql.SessionSetting;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The values that settings of the session have for a stream table, for good: those that were in
 * effect for the role in the database when it was created.
 *
 * @param values empty if they were never recorded
 */
public record SessionPins(Map<SessionSetting, String> values) {
  public static final SessionPins NONE = new SessionPins(Map.of());

  /**
   * What {@code ALTER ROLE} and {@code ALTER DATABASE} say for the role, the most particular first:
   * {@code process_settings} in postinit.c.
   */
  private static final String ALTERED =
      """
      SELECT substr(c, strpos(c, '=') + 1) FROM pg_db_role_setting s, unnest(s.setconfig) AS c
      WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
        AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user))
        AND lower(split_part(c, '=', 1)) = lower(?)
      ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1
      """;

  private static final String MAY_READ_FILE =
      """
      SELECT has_function_privilege('pg_catalog.pg_show_all_file_settings()', 'EXECUTE')
        AND has_table_privilege('pg_catalog.pg_file_settings', 'SELECT')
      """;

  private static final String IN_FILE =
      """
      SELECT setting FROM pg_catalog.pg_file_settings
      WHERE lower(name) = lower(?) AND applied ORDER BY seqno DESC LIMIT 1
      """;

  private static final Pattern ORDER =
      Pattern.compile(
          "\\b(MDY|DMY|YMD|US|NonEuro\\w*|Euro\\w*|German)\\b", Pattern.CASE_INSENSITIVE);

  public SessionPins {
    Map<SessionSetting, String> ordered = new EnumMap<>(SessionSetting.class);
    ordered.putAll(values);
    values = Collections.unmodifiableMap(ordered);
  }

  /**
   * What the role has in the database by default.
   *
   * <p>The driver begins every session with a time zone and a date style of its own, so these are
   * looked up where they come from: the role, the database, the server's configuration file if it
   * may be read; else the session's are taken.
   */
  public static SessionPins effective(Connection connection) throws SQLException {
    Map<SessionSetting, String> values = new EnumMap<>(SessionSetting.class);
    for (SessionSetting setting : SessionSetting.values()) {
      values.put(setting, current(connection, setting));
    }
    Optional<String> zone = configured(connection, SessionSetting.TIME_ZONE);
    zone.ifPresent(value -> values.put(SessionSetting.TIME_ZONE, value));
    String dates =
        configured(connection, SessionSetting.DATE_STYLE)
            .flatMap(SessionPins::order)
            .or(() -> order(String.valueOf(values.get(SessionSetting.DATE_STYLE))))
            .orElse("MDY");
    values.put(SessionSetting.DATE_STYLE, "ISO, " + dates);
    return new SessionPins(values);
  }

  private static String current(Connection connection, SessionSetting setting) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement("SELECT current_setting(?)")) {
      statement.setString(1, setting.guc());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static Optional<String> configured(Connection connection, SessionSetting setting)
      throws SQLException {
    Optional<String> altered = first(connection, ALTERED, setting);
    if (altered.isPresent()) {
      return altered;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(MAY_READ_FILE)) {
      row.next();
      if (!row.getBoolean(1)) {
        return Optional.empty();
      }
    }
    return first(connection, IN_FILE, setting);
  }

  private static Optional<String> first(Connection connection, String sql, SessionSetting setting)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, setting.guc());
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  /** The order of day, month and year in a date style. */
  private static Optional<String> order(String dateStyle) {
    Matcher found = ORDER.matcher(dateStyle);
    Optional<String> german = Optional.empty();
    while (found.find()) {
      String word = found.group(1).toUpperCase(Locale.ROOT);
      if (word.equals("GERMAN")) {
        german = Optional.of("DMY"); // unless an order is given too
      } else {
        return Optional.of(word.startsWith("EURO") ? "DMY" : word.length() == 3 ? word : "MDY");
      }
    }
    return german;
  }

  /** By the settings' names, as the catalog holds them. */
  public static SessionPins of(Map<String, String> byName) {
    Map<SessionSetting, String> values = new EnumMap<>(SessionSetting.class);
    byName.forEach(
        (name, value) ->
            SessionSetting.named(name).ifPresent(setting -> values.put(setting, value)));
    return new SessionPins(values);
  }

  public Map<String, String> byName() {
    return byName(values.keySet());
  }

  /** Some of them. */
  public Map<String, String> byName(Collection<SessionSetting> settings) {
    Map<String, String> byName = new LinkedHashMap<>();
    values.forEach(
        (setting, value) -> {
          if (settings.contains(setting)) {
            byName.put(setting.guc(), value);
          }
        });
    return byName;
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  /** Statements that give them to the transaction, each beginning with {@code "; "}. */
  public String locals(Collection<SessionSetting> settings) {
    return byName(settings).entrySet().stream()
        .map(pin -> "; SET LOCAL %s = '%s'".formatted(pin.getKey(), quoted(pin.getValue())))
        .collect(Collectors.joining());
  }

  private static String quoted(String value) {
    return value.replace("'", "''");
  }

  /** Gives them all to the transaction. */
  void apply(Connection connection) throws SQLException {
    if (!isEmpty()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(locals(values.keySet()).substring(2));
      }
    }
  }
}
