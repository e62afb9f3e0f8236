package dev.freshet.engine.refresh;

import dev.freshet.cdc.trigger.TriggerAdmin;
import dev.freshet.sql.SourceTable;
import java.util.Set;

/** Changes are written down by triggers: whatever a snapshot sees can be read at once. */
public record TriggerCapture() implements Capture {
  /** No replication slot can have this name. */
  public static final String ORIGIN = "(triggers)";

  @Override
  public String origin() {
    return ORIGIN;
  }

  @Override
  public Marking marking() {
    return Marking.UNNEEDED;
  }

  @Override
  public boolean readsLog() {
    return false;
  }

  @Override
  public String registration(String relation, Set<Integer> columns) {
    return TriggerAdmin.registration(relation, columns);
  }

  /** Triggers need neither a key nor a replica identity. */
  @Override
  public boolean canAnnounce(SourceTable table) {
    return table.kind().deliversChanges();
  }
}
