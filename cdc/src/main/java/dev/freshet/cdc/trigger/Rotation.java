package dev.freshet.cdc.trigger;

import dev.freshet.cdc.Snapshot;
import dev.freshet.cdc.server.OlderWriters;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins generations and drops those that every consumer has seen. Used by one thread, off the path
 * of writers and refreshes.
 *
 * <pre>
 * written ── another is begun ──► left ── older writers ended ──► sealed ── seen by all ──► dropped
 * </pre>
 *
 * <p>A drop that comes too late costs space, one that comes too early would cost changes. So it
 * counts only frontiers that this server has stored: the caller stops it after a new connection
 * until those in memory were compared. The drop's own commit record lies behind those of the
 * refreshes, so no crash keeps it and loses them.
 */
final class Rotation {
  private static final Logger log = LoggerFactory.getLogger(Rotation.class);

  /** Each generation that waits for a slow reader doubles the size of the next, up to 2¹⁰. */
  private static final int MAX_DOUBLINGS = 10;

  private record Place(int relation, long generation) {}

  private final Connection connection;
  private final TriggerAdmin admin;
  private final long rotateBytes;
  private final Map<Place, OlderWriters> leaving = new HashMap<>();

  Rotation(Connection connection, long rotateBytes) {
    this.connection = connection;
    this.admin = new TriggerAdmin(connection);
    this.rotateBytes = rotateBytes;
  }

  /**
   * @param consumers of the relation
   * @param bytes of the generation that is written to
   */
  void turn(int relation, List<TriggerConsumer> consumers, long bytes) throws SQLException {
    List<Generation> generations = BufferCatalog.load(connection, relation);
    if (generations.isEmpty()) {
      return;
    }
    Generation current = generations.getLast();
    int waiting = 0;
    for (Generation generation : generations) {
      if (generation.number() == current.number()) {
        continue;
      }
      if (generation.newest().isEmpty()) {
        seal(generation);
        waiting++;
      } else if (!isSeen(generation.newest().getAsLong(), consumers) || !drop(generation)) {
        waiting++;
      }
    }
    if (bytes >= rotateBytes << Math.min(waiting, MAX_DOUBLINGS) && admin.rotate(relation)) {
      log.debug("began another generation of {}", current.table());
    }
  }

  private void seal(Generation generation) throws SQLException {
    Place place = new Place(generation.relation(), generation.number());
    OlderWriters older = leaving.get(place);
    if (older == null) {
      leaving.put(place, OlderWriters.holdingNow(connection, generation.relation()));
    } else if (older.haveEnded()) {
      BufferCatalog.seal(connection, generation);
      leaving.remove(place);
    }
  }

  private static boolean isSeen(long newest, List<TriggerConsumer> consumers) {
    return consumers.stream().map(TriggerConsumer::seen).allMatch(seen -> sees(seen, newest));
  }

  private static boolean sees(Snapshot snapshot, long newest) {
    return newest < snapshot.xmin();
  }

  /** Readers hold it for a moment only; a dump may hold it for longer. */
  private boolean drop(Generation generation) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '50ms'");
      BufferCatalog.drop(connection, generation);
      connection.commit();
      return true;
    } catch (SQLException e) {
      connection.rollback();
      if ("55P03".equals(e.getSQLState())) {
        return false;
      }
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }
}
