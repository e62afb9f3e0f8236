package dev.freshet.engine.refresh;

import dev.freshet.config.RefreshMode;
import java.util.Optional;

/**
 * Who asks for a refresh, and how.
 *
 * @param mustSee whether it must see everything committed before the call; a scheduled tick only
 *     works off what has been received
 * @param mode instead of the configured one
 * @param audit whether to compare with the query before the commit, and how many rows to show
 */
public record Request(boolean mustSee, Optional<RefreshMode> mode, Optional<Integer> audit) {
  public static Request scheduled() {
    return new Request(false, Optional.empty(), Optional.empty());
  }

  public static Request manual(Optional<RefreshMode> mode) {
    return new Request(true, mode, Optional.empty());
  }

  public static Request audit(int limit) {
    return new Request(true, Optional.empty(), Optional.of(limit));
  }
}
