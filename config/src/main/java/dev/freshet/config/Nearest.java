package dev.freshet.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * The candidate that a mistyped word was probably meant to be: least Damerau-Levenshtein distance
 * (insertion, deletion, substitution, transposition of neighbours), and close enough to be no
 * accident.
 */
final class Nearest {
  private Nearest() {}

  /** The nearest candidate whose distance is at most a third of the length, and at least 1. */
  static Optional<String> to(String word, Collection<String> candidates) {
    return candidates.stream()
        .filter(
            candidate ->
                distance(word, candidate)
                    <= Math.max(1, Math.max(word.length(), candidate.length()) / 3))
        .min(Comparator.comparingInt(candidate -> distance(word, candidate)));
  }

  /** Edits that turn {@code a} into {@code b}; O(|a|·|b|). */
  static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        edits[i][j] = i == 0 || j == 0 ? i + j : cheapest(a, b, i, j, edits);
      }
    }
    return edits[a.length()][b.length()];
  }

  private static int cheapest(String a, String b, int i, int j, int[][] edits) {
    int replace = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int best = Math.min(replace, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
  }
}
