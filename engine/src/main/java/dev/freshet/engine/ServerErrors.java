package dev.freshet.engine;

import dev.freshet.config.DatabaseConfig;
import dev.freshet.engine.FreshetException.Kind;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.sql.SQLException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Turns what the driver throws into what a person can act on: the one place that knows SQLSTATEs
 * (PostgreSQL manual, appendix "PostgreSQL Error Codes").
 *
 * <p>The server's own words are kept: message, detail, hint and position. What is added is the act
 * that failed, the server or object concerned, and the remedy.
 */
public final class ServerErrors {
  /** In a remedy, stands for the role that Freshet connects as. */
  public static final String ROLE = "<role>";

  private static final String MISSING_PRIVILEGE = "42501";

  private ServerErrors() {}

  /**
   * An error of a statement.
   *
   * @param doing what failed, completing "cannot …": {@code create publication "freshet"}
   */
  public static FreshetException translate(SQLException e, String doing) {
    return translate(e, doing, false);
  }

  /** The same of a query of the user's: whoever may not read it has to be let, no more. */
  public static FreshetException translateReading(SQLException e, String doing) {
    return translate(e, doing, true);
  }

  private static FreshetException translate(SQLException e, String doing, boolean reading) {
    ServerReply reply = ServerReply.of(e);
    Diagnosis diagnosis =
        reply.state().equals(MISSING_PRIVILEGE)
            ? new Diagnosis(Kind.MISSING_PRIVILEGE, Privileges.remedy(reply.message(), reading))
            : diagnose(reply);
    return make(diagnosis, "cannot " + doing + ": " + reply.text(), reply, e);
  }

  /** A failed attempt to connect; tells host, port, database and role. */
  public static FreshetException connecting(SQLException e, DatabaseConfig database) {
    ServerReply reply = ServerReply.of(e);
    String server = database.address();
    String message =
        switch (reply.state()) {
          case "28P01" ->
              "wrong password for role \""
                  + database.user()
                  + "\" at "
                  + server
                  + ": "
                  + reply.text();
          case "3D000" -> "database \"" + database.name() + "\" does not exist at " + server;
          case "08001", "08006" -> "cannot connect to " + server + ": " + networkFault(e, reply);
          default ->
              "cannot connect to database \""
                  + database.name()
                  + "\" at "
                  + server
                  + " as \""
                  + database.user()
                  + "\": "
                  + reply.text();
        };
    return make(diagnoseConnection(e, reply, database), message, reply, e);
  }

  private record Diagnosis(Kind kind, String remedy) {}

  /** What the server said, in its parts; from the driver itself only state and text. */
  private record ServerReply(
      String state, String message, String detail, String hint, Optional<Integer> position) {

    static ServerReply of(SQLException e) {
      String state = orEmpty(e.getSQLState());
      if (e instanceof PSQLException p && p.getServerErrorMessage() != null) {
        ServerErrorMessage server = p.getServerErrorMessage();
        int position = server.getPosition();
        return new ServerReply(
            state,
            orEmpty(server.getMessage()),
            orEmpty(server.getDetail()),
            orEmpty(server.getHint()),
            position > 0 ? Optional.of(position) : Optional.empty());
      }
      return new ServerReply(state, orEmpty(e.getMessage()), "", "", Optional.empty());
    }

    String text() {
      return detail.isEmpty() ? message : message + "\ndetail: " + detail;
    }

    private static String orEmpty(@Nullable String text) {
      return text == null ? "" : text;
    }
  }

  private static FreshetException make(
      Diagnosis diagnosis, String message, ServerReply reply, SQLException cause) {
    return reply.state().isEmpty()
        ? FreshetException.of(diagnosis.kind(), message, diagnosis.remedy(), cause)
        : FreshetException.fromServer(
            diagnosis.kind(), message, diagnosis.remedy(), reply.state(), reply.position(), cause);
  }

  private static Diagnosis diagnose(ServerReply reply) {
    return switch (reply.state()) {
      case MISSING_PRIVILEGE ->
          new Diagnosis(Kind.MISSING_PRIVILEGE, Privileges.remedy(reply.message(), false));
      case "28P01", "28000" ->
          new Diagnosis(Kind.CONNECTION, "check database.user and its password");
      case "3D000" -> new Diagnosis(Kind.CONNECTION, "check database.name");
      case "53300" -> new Diagnosis(Kind.CONNECTION, TOO_MANY_CONNECTIONS);
      case "53400" ->
          new Diagnosis(Kind.SERVER_NOT_READY, orElse(reply.hint(), CONFIGURATION_LIMIT));
      case "55P03" ->
          new Diagnosis(
              Kind.BUSY,
              "another session holds the lock (see pg_locks); end its transaction, or raise"
                  + " refresh.lock-timeout");
      case "40P01", "40001" ->
          new Diagnosis(Kind.BUSY, "another transaction was in the way; try again");
      case "57014" ->
          new Diagnosis(
              Kind.TIMEOUT,
              "the statement ran into statement_timeout or was cancelled; raise"
                  + " refresh.statement-timeout or the role's statement_timeout");
      case "55006" -> new Diagnosis(Kind.BUSY, orElse(reply.hint(), "somebody else is using it"));
      case "55000" ->
          new Diagnosis(
              Kind.SERVER_NOT_READY, orElse(reply.hint(), "freshet doctor tells what is wrong"));
      case "57P01",
          "57P02",
          "57P03",
          "57P05",
          "08000",
          "08001",
          "08003",
          "08004",
          "08006",
          "08P01" ->
          new Diagnosis(
              Kind.CONNECTION, orElse(reply.hint(), "check that the server runs, and try again"));
      case "3F000" ->
          reply.message().contains("\"freshet\"")
              ? new Diagnosis(Kind.NOT_INITIALISED, "run freshet init")
              : new Diagnosis(Kind.SERVER_ERROR, reply.hint());
      case "42P01" ->
          reply.message().contains("\"freshet.")
              ? new Diagnosis(Kind.NOT_INITIALISED, "run freshet init")
              : new Diagnosis(Kind.SERVER_ERROR, reply.hint());
      case "42P07", "42710" ->
          new Diagnosis(Kind.NAME_TAKEN, orElse(reply.hint(), "choose another name, or drop it"));
      case "2BP01" ->
          new Diagnosis(
              Kind.SERVER_ERROR, "drop or alter what depends on it first, then try again");
      case "23502", "23503", "23505", "23514", "23P01" ->
          new Diagnosis(Kind.SERVER_ERROR, orElse(reply.hint(), FOREIGN_CONSTRAINT));
      case "0A000" ->
          new Diagnosis(
              Kind.SERVER_ERROR,
              reply.detail().contains("rules")
                  ? "drop the rules of the stream table: nothing can be merged through them"
                  : reply.hint());
      default -> new Diagnosis(Kind.SERVER_ERROR, reply.hint());
    };
  }

  private static Diagnosis diagnoseConnection(
      SQLException e, ServerReply reply, DatabaseConfig database) {
    String passwordSources =
        "give it in PGPASSWORD, FRESHET_DATABASE_PASSWORD, database.password-file or ~/.pgpass";
    return switch (reply.state()) {
      case "28P01" -> new Diagnosis(Kind.CONNECTION, "check the password; " + passwordSources);
      case "28000" ->
          new Diagnosis(
              Kind.CONNECTION,
              reply.message().contains("pg_hba.conf")
                  ? "allow it in the server's pg_hba.conf:\n  host "
                      + database.name()
                      + " "
                      + database.user()
                      + " <address of this machine>/32 scram-sha-256"
                  : "check database.user, or create it: freshet init --print-grants");
      case "3D000" ->
          new Diagnosis(
              Kind.CONNECTION, "check database.name (-d); psql -l lists what the server has");
      case "08004" ->
          reply.message().contains("no password")
              ? new Diagnosis(Kind.CONNECTION, passwordSources)
              : new Diagnosis(Kind.CONNECTION, "check database.ssl.mode");
      case "08001", "08006" -> new Diagnosis(Kind.CONNECTION, networkRemedy(e, database));
      case "57P03" -> new Diagnosis(Kind.CONNECTION, "the server is starting or stopping; wait");
      default -> diagnose(reply);
    };
  }

  private static String networkFault(SQLException e, ServerReply reply) {
    return switch (root(e)) {
      case UnknownHostException _ -> "the host name cannot be resolved";
      case SocketTimeoutException _ -> "no answer in time";
      case ConnectException refused -> describe(refused);
      case SSLException tls -> "TLS: " + describe(tls);
      case GeneralSecurityException certificate -> "TLS: " + describe(certificate);
      case SQLException _ -> reply.text();
      case Throwable other -> describe(other);
    };
  }

  private static String describe(Throwable fault) {
    String message = fault.getMessage();
    if (message == null || message.isBlank()) {
      return fault.getClass().getSimpleName();
    }
    return message.equals("Connection refused") ? "connection refused" : message;
  }

  private static String networkRemedy(SQLException e, DatabaseConfig database) {
    return switch (root(e)) {
      case UnknownHostException _ -> "check database.host (-h)";
      case SocketTimeoutException _ ->
          "check database.host (-h), database.port (-p) and firewalls; database.connect-timeout is "
              + database.connectTimeout().toSeconds()
              + "s";
      case SSLException _, GeneralSecurityException _ ->
          "check database.ssl.mode and database.ssl.root-cert";
      case Throwable _ ->
          "check that PostgreSQL runs there and listens on that address (listen_addresses), and"
              + " check database.host (-h) and database.port (-p)";
    };
  }

  private static Throwable root(Throwable e) {
    Throwable at = e;
    while (at.getCause() != null && at.getCause() != at) {
      at = at.getCause();
    }
    return at;
  }

  private static String orElse(String text, String other) {
    return text.isEmpty() ? other : text;
  }

  private static final String FOREIGN_CONSTRAINT =
      "the query's rows do not fit a constraint or column that somebody gave the stream table: drop"
          + " it";

  private static final String TOO_MANY_CONNECTIONS =
      "lower engine.refresh-workers, end idle sessions, or raise the server's max_connections";

  private static final String CONFIGURATION_LIMIT =
      "raise the server's max_replication_slots or max_wal_senders and restart it";
}
