package dev.freshet.engine.refresh;

import dev.freshet.cdc.ChangeSource;
import dev.freshet.cdc.ChangeSource.DeltaConsumer;
import dev.freshet.cdc.Lsn;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

/**
 * A transaction in which a stream table is filled: at a snapshot S₀ that sees all that had been
 * received when its consumer was registered. What commits after S₀ is in the buffer, because
 * registration came first; an S₀ that does not see what was received before is thrown away.
 */
final class CoveringSnapshot {
  private static final int ATTEMPTS = 200;
  private static final long PAUSE_MILLIS = 10;

  private final DataSource connections;
  private final ChangeSource source;

  CoveringSnapshot(DataSource connections, ChangeSource source) {
    this.connections = connections;
    this.source = source;
  }

  /** What is to be done at the snapshot; the transaction is committed after it. */
  interface Work<T> {
    T at(Connection connection, Cut cut) throws SQLException, InterruptedException;
  }

  /**
   * @throws FreshetException BUSY if no snapshot sees what was received
   */
  <T> T run(DeltaConsumer consumer, Opening opening, Work<T> work)
      throws SQLException, InterruptedException {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try (Connection connection = connections.getConnection();
          Statement statement = connection.createStatement()) {
        boolean open = true;
        try {
          Cut cut = opening.open(connection, "", Optional.empty());
          if (source.coversAll(consumer, cut.snapshot())) {
            T done = work.at(connection, cut);
            statement.execute("COMMIT");
            open = false;
            consumer.advance(cut.snapshot(), insertPosition(statement));
            return done;
          }
        } finally {
          if (open && !connection.isClosed()) {
            statement.execute("ROLLBACK");
          }
        }
      }
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    }
    throw FreshetException.of(
        Kind.BUSY,
        "transactions that were committed in the log stay invisible to new snapshots",
        "a synchronous standby is slow or gone: see pg_stat_replication");
  }

  static Lsn insertPosition(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT pg_current_wal_insert_lsn()::text")) {
      row.next();
      return Lsn.parse(row.getString(1));
    }
  }
}
