package dev.freshet.cdc.trigger;

import dev.freshet.cdc.Delta;
import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.buffer.CollectedRows;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** Reads what lies between two snapshots out of one source's buffer. */
final class BufferReader {
  static final String UNDEFINED_TABLE = "42P01";
  private static final int ATTEMPTS = 5;

  /** Signature, flags and length of the extension (PostgreSQL manual, COPY, "Binary Format"). */
  private static final int COPY_HEADER_BYTES = 19;

  private final Connection connection;
  private final int relation;
  private final String name;
  private final long limitBytes;

  BufferReader(Connection connection, int relation, String name, long limitBytes) {
    this.connection = connection;
    this.relation = relation;
    this.name = name;
    this.limitBytes = limitBytes;
  }

  /** A buffer whose oldest generation is dropped meanwhile is looked up again. */
  private interface Reading<T> {
    T read(List<Generation> generations) throws SQLException;
  }

  private <T> T withGenerations(Snapshot from, Reading<T> reading) throws SQLException {
    for (int attempt = 1; ; attempt++) {
      List<Generation> unread =
          BufferCatalog.load(connection, relation).stream()
              .filter(g -> g.newest().isEmpty() || g.newest().getAsLong() >= from.xmin())
              .toList();
      try {
        return reading.read(unread);
      } catch (SQLException e) {
        if (!UNDEFINED_TABLE.equals(e.getSQLState()) || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  Delta delta(DeltaView view, Snapshot from, Snapshot upTo) throws SQLException {
    return withGenerations(from, generations -> delta(view, generations, from, upTo));
  }

  private Delta delta(DeltaView view, List<Generation> generations, Snapshot from, Snapshot upTo)
      throws SQLException {
    CollectedRows rows = new CollectedRows(relation, name);
    for (Generation generation : generations) {
      String query =
          "COPY (SELECT kind, image FROM %s WHERE %s) TO STDOUT (FORMAT binary)"
              .formatted(generation.table(), between(from, upTo));
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(query);
      Optional<Delta> unknown = collect(copy, new ImageReader(generation, name, rows), rows);
      if (unknown.isPresent()) {
        return unknown.get();
      }
    }
    return rows.delta(view);
  }

  /** Reads to the end, be there a reason not to know the delta: so the connection can be kept. */
  private Optional<Delta> collect(CopyOut copy, ImageReader images, CollectedRows rows)
      throws SQLException {
    Optional<Delta> unknown = Optional.empty();
    boolean first = true;
    for (byte[] row = copy.readFromCopy(); row != null; row = copy.readFromCopy()) {
      int at = first ? COPY_HEADER_BYTES : 0;
      first = false;
      if (unknown.isPresent() || row.length - at < 2 || WireBytes.getShort(row, at) < 0) {
        continue;
      }
      byte kind = row[at + 6];
      if (kind == 'T') {
        unknown = Optional.of(new Delta.Unknown(name + " was truncated"));
      } else {
        images.read(kind, row, at + 11, WireBytes.getInt(row, at + 7));
      }
      if (rows.bytes() > limitBytes) {
        unknown =
            Optional.of(
                new Delta.Unknown(
                    "changes of %s exceeded cdc.buffer.max-memory (%,d bytes)"
                        .formatted(name, limitBytes)));
      }
    }
    return unknown;
  }

  static String between(Snapshot from, Snapshot upTo) {
    return "pg_visible_in_snapshot(xid, '%s') AND NOT pg_visible_in_snapshot(xid, '%s')"
        .formatted(upTo, from);
  }

  /** Inserts, updates, deletes and truncations between the snapshots. */
  long changeCount(Snapshot from, Snapshot upTo) throws SQLException {
    return withGenerations(
        from,
        generations -> {
          long changes = 0;
          for (Generation generation : generations) {
            String query =
                "SELECT count(*) FROM %s WHERE kind <> 'O' AND %s"
                    .formatted(generation.table(), between(from, upTo));
            try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
              row.next();
              changes += row.getLong(1);
            }
          }
          return changes;
        });
  }
}
