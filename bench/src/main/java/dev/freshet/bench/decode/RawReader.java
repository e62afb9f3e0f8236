package dev.freshet.bench.decode;

import dev.freshet.bench.server.BenchDatabase;
import dev.freshet.cdc.wal.ReplicationConnections;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/** The bare driver: reads every message and throws it away, but for the commits' positions. */
record RawReader() implements Reader {
  private static final int COMMIT = 'C';
  private static final int END_POSITION = 1 + 1 + 8;

  @Override
  public String label() {
    return "pgjdbc stream";
  }

  @Override
  public Reading read(BenchDatabase database, String slot, Backlog backlog) throws Exception {
    ReplicationConnections connections =
        ReplicationConnections.of(
            database.config().jdbcUrl(), database.config().driverProperties());
    long start = System.nanoTime();
    try (Connection connection = connections.open();
        PGReplicationStream stream =
            connection
                .unwrap(PGConnection.class)
                .getReplicationAPI()
                .replicationStream()
                .logical()
                .withSlotName(slot)
                .withStartPosition(LogSequenceNumber.INVALID_LSN)
                .withAutomaticFlush(false)
                .withSlotOption("proto_version", 1)
                .withSlotOption("publication_names", Backlog.PUBLICATION)
                .withSlotOption("binary", true)
                .start()) {
      while (true) {
        ByteBuffer message = stream.read();
        if (message.get(message.position()) == COMMIT
            && message.getLong(message.position() + END_POSITION) >= backlog.end().position()) {
          double seconds = (System.nanoTime() - start) / 1e9;
          return new Reading(seconds, seconds, Optional.empty());
        }
      }
    }
  }
}
