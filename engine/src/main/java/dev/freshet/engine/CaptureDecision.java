package dev.freshet.engine;

import dev.freshet.cdc.server.Finding;
import dev.freshet.cdc.server.ServerCheck;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.catalog.CaptureChoice;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which way of capturing changes counts now: what an operator chose ({@link CaptureChoice}), else
 * what the configuration says; and where that is {@code auto}, what the server allows.
 *
 * @param config with the mode that counts, never {@code auto}
 * @param asked the mode before {@code auto} was decided
 * @param reason why, for people; empty if the configuration names the mode itself
 * @param obstacles why the log cannot be read; looked for only where {@code asked} reads it, or
 *     would
 */
record CaptureDecision(
    FreshetConfig config, CdcMode asked, String reason, List<Finding> obstacles) {
  private static final Logger LOG = LoggerFactory.getLogger(CaptureDecision.class);

  CaptureDecision {
    obstacles = List.copyOf(obstacles);
  }

  /**
   * @param given the configuration as it was loaded
   * @throws FreshetException if the server cannot be reached
   */
  static CaptureDecision of(FreshetConfig given) {
    try (Connection connection = Connections.open(given.database())) {
      return of(given, connection);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "find out how changes are to be captured");
    }
  }

  static CaptureDecision of(FreshetConfig given, Connection connection) throws SQLException {
    return of(
        given,
        connection,
        CaptureChoice.load(connection)
            .filter(choice -> choice.configured() == given.cdc().mode())
            .map(CaptureChoice::mode));
  }

  /** The same as if an operator had chosen that. */
  static CaptureDecision of(FreshetConfig given, Connection connection, Optional<CdcMode> choice)
      throws SQLException {
    CdcMode configured = given.cdc().mode();
    CdcMode asked = choice.orElse(configured);
    List<Finding> obstacles =
        asked == CdcMode.TRIGGER
            ? List.of()
            : ServerCheck.run(connection, given.cdc().slotName()).findings();
    CdcMode mode =
        asked != CdcMode.AUTO ? asked : obstacles.isEmpty() ? CdcMode.WAL : CdcMode.TRIGGER;
    return new CaptureDecision(
        given.with(mode), asked, reason(configured, choice, asked, obstacles), obstacles);
  }

  private static String reason(
      CdcMode configured, Optional<CdcMode> choice, CdcMode asked, List<Finding> obstacles) {
    String chosen =
        choice
            .map(
                mode ->
                    "freshet capture %s, cdc.mode is %s".formatted(mode.text(), configured.text()))
            .orElse("cdc.mode: " + configured.text());
    if (asked == CdcMode.AUTO) {
      return obstacles.isEmpty() ? chosen : chosen + ", and " + problems(obstacles);
    }
    return choice.isPresent() ? chosen : "";
  }

  /** What keeps the log from being read, as a clause. */
  static String problems(List<Finding> obstacles) {
    return obstacles.stream().map(Finding::problem).collect(Collectors.joining(", "));
  }

  /** Says which of the two counts where they differ, and forgets a choice that is outdated. */
  static void settle(FreshetConfig given, Connection connection) throws SQLException {
    CdcMode configured = given.cdc().mode();
    Optional<CaptureChoice> choice = CaptureChoice.load(connection);
    if (choice.isEmpty()) {
      return;
    }
    if (choice.get().configured() == configured) {
      LOG.info(
          "cdc.mode is {}, but freshet capture {} of {} counts, until cdc.mode is changed or:"
              + " freshet capture configured",
          configured.text(),
          choice.get().mode().text(),
          choice.get().at());
    } else {
      LOG.warn(
          "cdc.mode was changed from {} to {} since freshet capture {} of {}: the configuration"
              + " counts again",
          choice.get().configured().text(),
          configured.text(),
          choice.get().mode().text(),
          choice.get().at());
      CaptureChoice.forget(connection);
    }
  }
}
