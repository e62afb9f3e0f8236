package dev.freshet.sql;

import dev.freshet.sql.Calls.Call;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a query's result changes only when rows do.
 *
 * @param unstable the first function whose result changes without any row changing and that is
 *     neither the clock nor made constant by pinning settings
 * @param readsClock whether it reads the time of the transaction
 * @param readsEnums whether it prints, reads or orders labels of enums, which can be renamed:
 *     whoever keeps the result must watch them
 * @param settings what must be pinned
 */
public record Stability(
    Optional<String> unstable,
    boolean readsClock,
    boolean readsEnums,
    Set<SessionSetting> settings) {
  /** The time of the transaction, in all its spellings. */
  private static final Set<String> CLOCK =
      Set.of(
          "now()",
          "transaction_timestamp()",
          "CURRENT_DATE",
          "CURRENT_TIME",
          "CURRENT_TIMESTAMP",
          "LOCALTIME",
          "LOCALTIMESTAMP");

  private static final Set<String> IN_TIME_ZONE =
      Set.of("CURRENT_DATE", "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP");

  public static Stability of(Calls calls) {
    Set<SessionSetting> settings = EnumSet.noneOf(SessionSetting.class);
    Optional<String> unstable = Optional.empty();
    boolean clock = false;
    boolean prints = false;
    boolean enums = false;
    for (Call call : calls.functions()) {
      String signature = call.signature();
      if (CLOCK.contains(signature)) {
        clock = true;
        if (IN_TIME_ZONE.contains(signature)) {
          settings.add(SessionSetting.TIME_ZONE);
        }
      } else if (SessionFunctions.prints(signature)) {
        prints = true;
        settings.addAll(SessionFunctions.ofPrinting(signature));
      } else {
        enums |= SessionFunctions.readsEnum(signature);
        unstable = unstable.or(() -> unstable(call));
        SessionFunctions.settings(signature).ifPresent(settings::addAll);
      }
    }
    if (prints) {
      for (Call call : calls.outputs()) {
        enums |= SessionFunctions.readsEnum(call.signature());
        unstable = unstable.or(() -> unstable(call));
        SessionFunctions.settings(call.signature()).ifPresent(settings::addAll);
      }
    }
    return new Stability(
        unstable,
        clock,
        enums,
        unstable.isPresent() ? EnumSet.allOf(SessionSetting.class) : Set.copyOf(settings));
  }

  private static Optional<String> unstable(Call call) {
    boolean settled =
        call.immutable()
            || SessionFunctions.readsEnum(call.signature())
            || SessionFunctions.settings(call.signature()).isPresent();
    return settled ? Optional.empty() : Optional.of(call.signature());
  }
}
