package dev.freshet.cdc.debezium;

import dev.freshet.cdc.wal.CaptureException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells what the end of Debezium's engine means: whether starting another one is of use. */
final class DebeziumFailure {
  private static final Logger log = LoggerFactory.getLogger(DebeziumFailure.class);

  /** SQLSTATE class: data exception. */
  private static final String DATA_EXCEPTION = "22";

  /** SQLSTATE datatype_mismatch, as the driver has it when it cannot parse a value. */
  private static final String UNPARSED_VALUE = "42821";

  private DebeziumFailure() {}

  static CaptureException explain(Optional<Throwable> failure, DebeziumOptions options) {
    if (failure.isEmpty()) {
      return CaptureException.interrupted("Debezium's engine has stopped");
    }
    Throwable root = failure.get();
    for (Throwable cause = root; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException refused && !isOfValue(refused)) {
        return CaptureException.of(refused, options.capture());
      }
      if (cause instanceof IOException) {
        return CaptureException.interrupted("Debezium has lost its connection (" + cause + ")");
      }
      root = cause;
    }
    log.debug("Debezium's engine has failed", failure.get());
    return CaptureException.permanent(
        "Debezium cannot go on: " + root,
        "If it names a value or a table, take that table out of the publication; or set cdc.mode:"
            + " wal, which reads every type");
  }

  /** Whether the driver could not parse a value: reading it again would not help. */
  private static boolean isOfValue(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    return state.startsWith(DATA_EXCEPTION) || state.equals(UNPARSED_VALUE);
  }
}
