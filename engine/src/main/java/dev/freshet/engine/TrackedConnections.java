package dev.freshet.engine;

import dev.freshet.cdc.wal.ReplicationConnections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of an engine, all of which can be broken at once: when it has lost its lock it
 * may not refresh on, and a statement that waits for a server which cannot be reached any more ends
 * in no other way.
 */
final class TrackedConnections {
  private static final Logger LOG = LoggerFactory.getLogger(TrackedConnections.class);

  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  private Connection add(Connection connection) throws SQLException {
    for (Connection each : open) {
      if (each.isClosed()) {
        open.remove(each);
      }
    }
    open.add(connection);
    return connection;
  }

  /** Breaks every connection that is open now; later ones are not concerned. */
  void breakAll() {
    for (Connection each : open) {
      open.remove(each);
      try {
        each.abort(Runnable::run);
      } catch (SQLException e) {
        LOG.debug("cannot break a connection: {}", e.getMessage());
      }
    }
  }

  ReplicationConnections track(ReplicationConnections replication) {
    return () -> add(replication.open());
  }

  /** A source of physical connections, for a pool. */
  PGSimpleDataSource dataSource() {
    return new Tracking(this);
  }

  @SuppressWarnings("serial") // a PGSimpleDataSource is serializable; this one never is serialized
  private static final class Tracking extends PGSimpleDataSource {
    private final transient TrackedConnections tracked;

    Tracking(TrackedConnections tracked) {
      this.tracked = tracked;
    }

    @Override
    public Connection getConnection(
        @org.jspecify.annotations.Nullable String user,
        @org.jspecify.annotations.Nullable String password)
        throws SQLException {
      return tracked.add(super.getConnection(user, password));
    }
  }
}
