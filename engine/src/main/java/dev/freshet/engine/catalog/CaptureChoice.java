package dev.freshet.engine.catalog;

import dev.freshet.config.CdcMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * How an operator wants changes to be captured, whatever {@code cdc.mode} says ({@code freshet
 * capture}). It outlives the engine's process, and counts until the configuration is changed: that
 * is the newer word then.
 *
 * @param mode what was chosen
 * @param configured what the configuration said at that time
 */
public record CaptureChoice(CdcMode mode, CdcMode configured, Instant at) {
  private static final String KEY = "capture_choice";

  /** The one that is stored; empty too where Freshet is not set up. */
  public static Optional<CaptureChoice> load(Connection connection) throws SQLException {
    if (!CatalogSchema.isInstalled(connection)) {
      return Optional.empty();
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT value FROM freshet.meta WHERE key = '" + KEY + "'")) {
      return row.next() ? Optional.of(parse(row.getString(1))) : Optional.empty();
    }
  }

  private static CaptureChoice parse(String text) {
    String[] parts = text.split(" ", -1);
    if (parts.length != 3) {
      throw new IllegalStateException("freshet.meta holds a " + KEY + " of another form: " + text);
    }
    return new CaptureChoice(modeOf(parts[0]), modeOf(parts[1]), Instant.parse(parts[2]));
  }

  private static CdcMode modeOf(String text) {
    return Arrays.stream(CdcMode.values())
        .filter(mode -> mode.text().equals(text))
        .findFirst()
        .orElseThrow(
            () -> new IllegalStateException("freshet.meta holds an unknown cdc.mode: " + text));
  }

  /** Stores it in place of an earlier one. */
  public void save(Connection connection) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO freshet.meta VALUES ('%s', ?)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value
            """
                .formatted(KEY))) {
      statement.setString(1, mode.text() + " " + configured.text() + " " + at);
      statement.executeUpdate();
    }
  }

  /** The configuration counts from now on. */
  public static void forget(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("DELETE FROM freshet.meta WHERE key = '" + KEY + "'");
    }
  }
}
