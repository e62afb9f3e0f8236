package dev.freshet.engine;

import dev.freshet.config.FreshetConfig;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.QueryAnalyzer;
import dev.freshet.engine.catalog.Catalog;
import dev.freshet.engine.catalog.CatalogSchema;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.CommandQueue;
import dev.freshet.engine.control.Declaration;
import dev.freshet.engine.control.Presence;
import dev.freshet.engine.control.Reply;
import dev.freshet.engine.control.TableChange;
import dev.freshet.sql.FreshetCompiler;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGConnection;

/**
 * Asks the engine that serves a database, from any process that can connect to it. Where no engine
 * runs, the client becomes one for the length of the command.
 */
public final class EngineClient implements AutoCloseable {
  private static final int POLL_MILLIS = 200;

  /** Through a pooler no notification arrives: the session that listens may be lent to others. */
  private static final int POOLED_POLL_MILLIS = 50;

  /** A long fill is no reason to give up; an engine that died shows by its lock. */
  private static final Duration LONGEST_WAIT = Duration.ofHours(12);

  private final FreshetConfig config;
  private final Connection connection;
  private final Catalog catalog = new Catalog(Json.mapper());
  private final CommandQueue queue = new CommandQueue(Json.mapper());

  private EngineClient(FreshetConfig config, Connection connection) {
    this.config = config;
    this.connection = connection;
  }

  /**
   * @throws FreshetException if the server cannot be reached
   */
  public static EngineClient connect(FreshetConfig config) {
    return new EngineClient(config, Connections.open(config.database()));
  }

  /**
   * @throws FreshetException if the command fails, or NOT_INITIALISED; never returns {@link
   *     Reply.Failed}
   */
  public Reply execute(Command command) {
    try {
      requireInstalled();
      if (Presence.isServed(connection)) {
        Optional<Reply> reply = remotely(command);
        if (reply.isPresent()) {
          return failing(reply.get());
        }
      }
      return locally(command);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "reach the engine");
    }
  }

  /** Whether an engine serves the database now. */
  public boolean isEngineRunning() {
    try {
      return Presence.isServed(connection);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "look for an engine");
    }
  }

  private static Reply failing(Reply reply) {
    if (reply instanceof Reply.Failed failed) {
      throw failed.toException();
    }
    return reply;
  }

  /** Empty if the engine went away before it answered, and the command was taken back. */
  private Optional<Reply> remotely(Command command) throws SQLException {
    boolean pooled = Pooler.isBehind(connection);
    if (!pooled) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("LISTEN " + CommandQueue.REPLIES);
      }
    }
    long id = queue.submit(connection, command);
    long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
    while (System.nanoTime() < deadline) {
      Optional<Reply> reply = queue.reply(connection, id);
      if (reply.isPresent()) {
        return reply;
      }
      if (!Presence.isServed(connection) && queue.withdraw(connection, id)) {
        return Optional.empty();
      }
      connection
          .unwrap(PGConnection.class)
          .getNotifications(pooled ? POOLED_POLL_MILLIS : POLL_MILLIS);
    }
    throw FreshetException.of(
        Kind.TIMEOUT, "the engine did not answer", "see its log, and freshet status");
  }

  private Reply locally(Command command) throws SQLException {
    if (command instanceof Command.Status) {
      return new Reply.StatusOf(StatusReader.withoutEngine(connection, catalog, config));
    }
    try (Engine engine = Engine.open(config)) {
      return engine.execute(command);
    }
  }

  /** The class, reason, row identity, replica identities and SQL of a query. Changes nothing. */
  public Explanation explain(String streamTableOrQuery) {
    try {
      return new Explainer(
              connection,
              new QueryAnalyzer(new FreshetCompiler()),
              catalog,
              ChangeSources.capture(
                  CaptureDecision.of(config, connection).config(),
                  connection.getMetaData().getDatabaseMajorVersion()))
          .explain(streamTableOrQuery);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "explain");
    }
  }

  /**
   * What {@link Command.Apply} would do, asked of the catalog and of PostgreSQL alone. Changes
   * nothing, whether an engine runs or not.
   */
  public List<TableChange> plan(List<Declaration> declarations, boolean prune) {
    try {
      requireInstalled();
      QueryAnalyzer analyzer = new QueryAnalyzer(new FreshetCompiler());
      return new ApplyPlanner(connection, catalog, new Definitions(config, analyzer))
          .plan(declarations, prune);
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "plan");
    }
  }

  private void requireInstalled() throws SQLException {
    if (!CatalogSchema.isInstalled(connection)) {
      throw FreshetException.of(
          Kind.NOT_INITIALISED,
          "Freshet is not set up in database " + config.database().name(),
          "run: freshet init");
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "close the connection");
    }
  }
}
