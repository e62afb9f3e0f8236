package dev.freshet.cdc.buffer;

import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which rows are given up where memory is full and nothing can be staged: those of the relation
 * that holds most, its oldest transactions first, be it the one in progress. Under the buffer's
 * lock.
 */
final class Sacrifice {
  private static final Logger log = LoggerFactory.getLogger(Sacrifice.class);

  private final long limitBytes;

  Sacrifice(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Returns the bytes of finished transactions that were given back. */
  long makeRoom(
      Map<Integer, RelationBuffer> relations,
      long bufferedBytes,
      BufferedTransaction inProgress,
      long inProgressBytes) {
    if (inProgressBytes > limitBytes / 2) {
      TransactionRows largest = largest(inProgress);
      log.warn(
          "Change buffer over its limit of {} bytes: dropping {} row changes of {} in the"
              + " transaction that commits at {}",
          limitBytes,
          largest.changes(),
          largest.relationName(),
          inProgress.commitLsn());
      largest.drop();
      return 0;
    }
    long wanted = bufferedBytes + inProgressBytes - limitBytes * 3 / 4;
    long freed = 0;
    while (freed < wanted && !relations.isEmpty()) {
      RelationBuffer largest = largest(relations);
      long given = largest.drop(wanted - freed);
      if (given <= 0) {
        break;
      }
      log.warn(
          "Change buffer over its limit of {} bytes: dropped the oldest {} bytes of {}",
          limitBytes,
          given,
          largest.name());
      freed += given;
    }
    return freed;
  }

  private static TransactionRows largest(BufferedTransaction transaction) {
    return transaction.rows().values().stream()
        .max((a, b) -> Long.compare(a.bytes(), b.bytes()))
        .orElseThrow();
  }

  private static RelationBuffer largest(Map<Integer, RelationBuffer> relations) {
    return relations.values().stream()
        .max((a, b) -> Long.compare(a.bytes(), b.bytes()))
        .orElseThrow();
  }
}
