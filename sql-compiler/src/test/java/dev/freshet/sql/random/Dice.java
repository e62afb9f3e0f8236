package dev.freshet.sql.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Seeded choices: the same seed makes the same case. */
public final class Dice {
  private final Random random;

  public Dice(long seed) {
    // Neighbouring seeds begin alike without a mix.
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    random.nextInt();
  }

  public boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  /** From 0, below {@code bound}. */
  public int below(int bound) {
    return random.nextInt(bound);
  }

  /** Both ends included. */
  public int between(int least, int most) {
    return least + random.nextInt(most - least + 1);
  }

  @SafeVarargs
  public final <T> T pick(T... items) {
    return items[random.nextInt(items.length)];
  }

  public <T> T pick(List<T> items) {
    return items.get(random.nextInt(items.size()));
  }

  @SafeVarargs
  final <T> T one(Supplier<T>... ways) {
    return ways[random.nextInt(ways.length)].get();
  }

  /** Some of the items, each at most once, in their order. */
  public <T> List<T> some(List<T> items, int count) {
    List<T> rest = new ArrayList<>(items);
    while (rest.size() > count) {
      rest.remove(random.nextInt(rest.size()));
    }
    return rest;
  }

  /** A generator of its own, whose use does not shift the choices made here. */
  public Dice fork() {
    return new Dice(random.nextLong());
  }
}
