package dev.freshet.cdc.trigger;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.trigger.Notices.Notice;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks for transactions that have written to a buffer and are committed. Used by one thread.
 *
 * <p>Costs one statement while nothing is committed at all, and reads only generations that are
 * still written to: those are kept small.
 */
final class Poll {
  /**
   * A generation as it is on disk.
   *
   * @param bytes of its rows
   */
  record Size(int relation, long generation, boolean sealed, long bytes) {}

  /** What a look found. */
  record Found(Lsn position, Set<Integer> relations, List<Size> sizes) {}

  private static final String LOOK =
      """
      SELECT pg_current_snapshot()::text, pg_current_wal_insert_lsn()::text, b.relation::int8,
        b.generation, b.newest IS NOT NULL, coalesce(pg_relation_size(
          to_regclass(format('freshet.changes_%s_%s', b.relation, b.generation))), 0)
      FROM (SELECT 1) AS always LEFT JOIN freshet.change_buffer AS b ON true\
      """;

  private record Place(int relation, long generation) {}

  private final Connection connection;
  private final Notices notices;
  private final Map<Place, Snapshot> looked = new HashMap<>();

  /** Read since nobody writes to them any more. */
  private final Set<Place> finished = new HashSet<>();

  private Optional<Snapshot> last = Optional.empty();

  Poll(Connection connection, Notices notices) throws SQLException {
    this.connection = connection;
    this.notices = notices;
    if (!BufferCatalog.exists(connection)) {
      BufferCatalog.create(connection);
    }
  }

  Found look() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(LOOK)) {
      row.next();
      Snapshot snapshot = Snapshot.parse(row.getString(1));
      Lsn position = Lsn.parse(row.getString(2));
      List<Size> sizes = new ArrayList<>();
      do {
        long relation = row.getLong(3);
        if (!row.wasNull()) {
          sizes.add(new Size((int) relation, row.getLong(4), row.getBoolean(5), row.getLong(6)));
        }
      } while (row.next());
      return new Found(position, changed(snapshot, position, sizes), sizes);
    }
  }

  private Set<Integer> changed(Snapshot snapshot, Lsn position, List<Size> sizes)
      throws SQLException {
    Set<Integer> changed = new LinkedHashSet<>();
    if (!last.equals(Optional.of(snapshot))) {
      for (Size size : sizes) {
        if (size.bytes() > 0 && !finished.contains(place(size)) && read(size, snapshot, position)) {
          changed.add(size.relation());
        }
        if (size.sealed()) {
          finished.add(place(size));
        }
      }
      last = Optional.of(snapshot);
      Set<Place> present = sizes.stream().map(Poll::place).collect(Collectors.toSet());
      looked.keySet().retainAll(present);
      finished.retainAll(present);
    }
    return changed;
  }

  private static Place place(Size size) {
    return new Place(size.relation(), size.generation());
  }

  /** Whether it holds transactions that were not known. */
  private boolean read(Size size, Snapshot snapshot, Lsn position) throws SQLException {
    Place place = place(size);
    Snapshot before = looked.get(place);
    String unseen = before == null ? "true" : "NOT pg_visible_in_snapshot(xid, '" + before + "')";
    String query =
        """
        SELECT xid::text, count(*) FILTER (WHERE kind <> 'O'), sum(length(image))::int8
        FROM %s WHERE %s GROUP BY xid\
        """
            .formatted(Generation.table(size.relation(), size.generation()), unseen);
    boolean found = false;
    Instant now = Instant.now();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        Notice notice =
            new Notice(
                Long.parseUnsignedLong(row.getString(1)),
                row.getLong(2),
                row.getLong(3),
                now,
                position);
        found |= notices.add(size.relation(), size.generation(), notice);
      }
    }
    looked.put(place, snapshot);
    return found;
  }
}
