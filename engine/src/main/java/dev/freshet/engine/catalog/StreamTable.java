package dev.freshet.engine.catalog;

import dev.freshet.config.RefreshOverrides;
import dev.freshet.engine.analysis.SessionPins;
import dev.freshet.sql.TableName;
import java.util.Optional;

/**
 * A stream table as the catalog holds it.
 *
 * @param reason why it is in that state, empty for active
 * @param pins the settings under which its query is read; none if an older release created it
 * @param frontier empty only between creation and fill, which no other session sees
 */
public record StreamTable(
    long id,
    TableName name,
    String query,
    RefreshOverrides overrides,
    State state,
    String reason,
    Optional<Frontier> frontier,
    SessionPins pins) {

  /** Whether it is refreshed. */
  public enum State {
    ACTIVE,
    PAUSED,
    FAILED;

    public String label() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** {@code schema.table}, quoted only where needed: how people see it. */
  public String displayName() {
    return new dev.freshet.config.TableName(name.schema(), name.table()).toString();
  }
}
