package dev.freshet.bench.contest;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The order in which contenders take their turns, cycle by cycle.
 *
 * <p>Who comes first finds cold caches, and who follows finds in them what the one before has read:
 * a full refresh leaves pages of every table, an incremental one those that the next incremental
 * one needs. So over as many cycles as there are contenders each is once in every place, and
 * follows each other one once (for an odd number of contenders: twice in twice as many cycles).
 *
 * <p>Source: E. J. Williams, "Experimental Designs Balanced for the Estimation of Residual Effects
 * of Treatments", Australian Journal of Scientific Research A 2 (1949).
 */
public final class Turns {
  private Turns() {}

  /** {@code contenders} in the order of the given cycle, counted from 0. */
  public static <T> List<T> of(List<T> contenders, int cycle) {
    int count = contenders.size();
    List<T> order =
        IntStream.range(0, count)
            .mapToObj(place -> contenders.get((first(place, count) + cycle) % count))
            .toList();
    boolean back = count % 2 == 1 && cycle / count % 2 == 1;
    return back ? order.reversed() : order;
  }

  /** Who has this place in the first cycle: 0, 1, n − 1, 2, n − 2 … */
  private static int first(int place, int count) {
    return place % 2 == 1 ? (place + 1) / 2 : (count - place / 2) % count;
  }
}
