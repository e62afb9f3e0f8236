package dev.freshet.cdc.wal;

import dev.freshet.cdc.wal.CaptureException.Kind;
import java.sql.SQLException;

/** Tells what a server's refusal means for capture, by SQLSTATE (PostgreSQL manual, appendix A). */
final class CaptureErrors {
  private CaptureErrors() {}

  static CaptureException explain(SQLException e, WalOptions options) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String slot = "replication slot \"%s\"".formatted(options.slot());
    return switch (state) {
      case "28P01", "28000" ->
          permanent(e, "the server refuses the login", "Check role, password and pg_hba.conf");
      case "3D000" -> permanent(e, "the database does not exist", "Check the database in the URL");
      case "42501" ->
          permanent(
              e,
              "the role may not start replication",
              "Run as an administrator: ALTER ROLE … REPLICATION (on managed servers: GRANT"
                  + " rds_replication or its like)");
      case "42704" ->
          new CaptureException(
              "publication \"%s\" was not there when a change was made that %s holds (%s)"
                  .formatted(options.publication(), slot, state),
              "Nothing: the engine makes publication and slot anew, and refills what they fed",
              Kind.SLOT_SPENT,
              e);
      case "53300" ->
          new CaptureException(
              "the server has no connection or WAL sender free" + said(e),
              "Raise max_wal_senders or max_connections, or stop another replication client",
              Kind.BUSY,
              e);
      case "55000" ->
          permanent(
              e,
              "the server cannot stream from " + slot,
              "Check wal_level = logical; if the slot was invalidated, drop it, create it again and"
                  + " refill the stream tables");
      case "55006" ->
          new CaptureException(
              slot + " is in use" + said(e),
              "Stop the other process that reads it, or use another slot",
              Kind.BUSY,
              e);
      case "57P03", "57P01", "57P02" ->
          transientError(e, "the server is starting or stopping", "Nothing: it is tried again");
      default ->
          transientError(
              e, "the replication connection failed", "Check that the server is reachable");
    };
  }

  private static CaptureException permanent(SQLException e, String problem, String remedy) {
    return new CaptureException(problem + said(e), remedy, Kind.PERMANENT, e);
  }

  private static CaptureException transientError(SQLException e, String problem, String remedy) {
    return new CaptureException(problem + said(e), remedy, Kind.TRANSIENT, e);
  }

  private static String said(SQLException e) {
    return " (%s: %s)".formatted(e.getSQLState(), e.getMessage());
  }
}
