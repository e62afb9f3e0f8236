package dev.freshet.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** Draws kinds at random, each once before any comes again. */
final class Deck {
  private final List<Kind> kinds;
  private final Random random;
  private final Deque<Kind> left = new ArrayDeque<>();

  Deck(List<Kind> kinds, Random random) {
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException("no kinds to draw from");
    }
    this.kinds = List.copyOf(kinds);
    this.random = random;
  }

  Kind draw() {
    if (left.isEmpty()) {
      List<Kind> shuffled = new ArrayList<>(kinds);
      Collections.shuffle(shuffled, random);
      left.addAll(shuffled);
    }
    return left.removeFirst();
  }
}
