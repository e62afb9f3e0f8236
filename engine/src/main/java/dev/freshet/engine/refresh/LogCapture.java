package dev.freshet.engine.refresh;

import dev.freshet.sql.SourceTable;
import java.util.Set;

/**
 * Changes come from the log, through a publication.
 *
 * @param publication that lists the sources
 * @param slot that the changes are read from
 * @param emitsFlushed whether the server's {@code pg_logical_emit_message} can flush (17 and later)
 */
public record LogCapture(String publication, String slot, boolean emitsFlushed) implements Capture {

  @Override
  public String origin() {
    return slot;
  }

  @Override
  public Marking marking() {
    return emitsFlushed ? Marking.IN_OPENING : Marking.BY_COMMIT;
  }

  @Override
  public boolean readsLog() {
    return true;
  }

  /**
   * A table that was taken out of the publication and put back has another row there. So has the
   * publication itself when somebody alters what it publishes, even if it is altered back.
   */
  @Override
  public String registration(String relation, Set<Integer> columns) {
    return """
    coalesce((SELECT oid FROM pg_publication_rel WHERE prrelid = %1$s
        AND prpubid = (SELECT oid FROM pg_publication WHERE pubname = %2$s)),
      (SELECT m.oid FROM pg_publication_namespace m, pg_class c WHERE c.oid = %1$s
        AND m.pnnspid = c.relnamespace
        AND m.pnpubid = (SELECT oid FROM pg_publication WHERE pubname = %2$s)), 0),
    (SELECT oid || '/' || xmin::text FROM pg_publication WHERE pubname = %2$s)\
    """
        .formatted(relation, literal(publication));
  }

  private static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /**
   * Whether publishing the table is harmless: without a usable replica identity, UPDATE and DELETE
   * would fail at the writer as soon as it is published.
   */
  @Override
  public boolean canAnnounce(SourceTable table) {
    return table.kind().deliversChanges()
        && switch (table.replicaIdentity()) {
          case DEFAULT -> !table.primaryKey().isEmpty();
          case FULL, INDEX -> true;
          case NOTHING -> false;
        };
  }
}
