package dev.freshet.engine;

import dev.freshet.config.CdcConfig;
import dev.freshet.config.CdcMode;
import dev.freshet.config.FreshetConfig;
import java.util.ArrayList;
import java.util.List;

/** Keys that were set but mean nothing with the {@code cdc.mode} that is in force. */
public final class UnusedKeys {
  private UnusedKeys() {}

  /**
   * One sentence for each.
   *
   * @param config with {@code auto} decided
   */
  public static List<String> of(FreshetConfig config) {
    CdcConfig set = config.cdc();
    CdcConfig usual = FreshetConfig.defaults().cdc();
    List<String> keys = new ArrayList<>();
    if (set.mode() == CdcMode.TRIGGER) {
      note(keys, "manage-publication", set.managePublication(), usual.managePublication());
      note(
          keys,
          "manage-replica-identity",
          set.manageReplicaIdentity(),
          usual.manageReplicaIdentity());
      note(keys, "status-interval", set.statusInterval(), usual.statusInterval());
      note(keys, "failover", set.failover(), usual.failover());
    } else {
      note(keys, "poll-interval", set.pollInterval(), usual.pollInterval());
    }
    return keys.stream()
        .map(key -> "cdc.%s has no effect with cdc.mode: %s".formatted(key, set.mode().text()))
        .toList();
  }

  private static void note(List<String> keys, String key, Object set, Object usual) {
    if (!set.equals(usual)) {
      keys.add(key);
    }
  }
}
