package dev.freshet.engine.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The table {@code freshet.command}: commands in, replies out, each announced by NOTIFY. Whoever
 * may write to the catalog may command the engine; no port is needed.
 */
public final class CommandQueue {
  /** Announces a command to the engine; replies are announced on {@link #REPLIES}. */
  public static final String COMMANDS = "freshet_command";

  public static final String REPLIES = "freshet_reply";

  private final ObjectMapper json;

  public CommandQueue(ObjectMapper json) {
    this.json = json;
  }

  /** A command that waits for its reply. */
  public record Waiting(long id, Command command) {}

  /** Puts a command into the queue and wakes the engine. */
  public long submit(Connection connection, Command command) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "WITH c AS (INSERT INTO freshet.command (body) VALUES (?::jsonb) RETURNING id)"
                + " SELECT id, pg_notify('"
                + COMMANDS
                + "', id::text) FROM c")) {
      statement.setString(1, write(command));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /** Takes back a command that nobody has answered; false if the reply is already there. */
  public boolean withdraw(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("DELETE FROM freshet.command WHERE id = ? AND reply IS NULL")) {
      statement.setLong(1, id);
      return statement.executeUpdate() == 1;
    }
  }

  /** Commands without a reply and with a larger id, oldest first. */
  public List<Waiting> waiting(Connection connection, long after) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT id, body::text FROM freshet.command WHERE reply IS NULL AND id > ?"
                + " ORDER BY id")) {
      statement.setLong(1, after);
      List<Waiting> found = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(new Waiting(row.getLong(1), json.readValue(row.getString(2), Command.class)));
        }
      } catch (JsonProcessingException e) {
        throw new SQLException("freshet.command holds something that is not a command", e);
      }
      return found;
    }
  }

  /** Stores the reply, announces it, and forgets what was answered an hour ago. */
  public void answer(Connection connection, long id, Reply reply) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "WITH old AS (DELETE FROM freshet.command WHERE reply IS NOT NULL"
                + " AND requested_at < now() - interval '1 hour'),"
                + " c AS (UPDATE freshet.command SET reply = ?::jsonb WHERE id = ? RETURNING id)"
                + " SELECT pg_notify('"
                + REPLIES
                + "', id::text) FROM c")) {
      statement.setString(1, write(reply));
      statement.setLong(2, id);
      statement.execute();
    }
  }

  /** The reply to a command, once there is one. */
  public Optional<Reply> reply(Connection connection, long id) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT reply::text FROM freshet.command WHERE id = ? AND reply IS NOT NULL")) {
      statement.setLong(1, id);
      try (ResultSet row = statement.executeQuery()) {
        return row.next()
            ? Optional.of(json.readValue(row.getString(1), Reply.class))
            : Optional.empty();
      } catch (JsonProcessingException e) {
        throw new SQLException("freshet.command holds a reply of another form", e);
      }
    }
  }

  private String write(Object value) {
    try {
      return json.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write as JSON: " + value, e);
    }
  }
}
