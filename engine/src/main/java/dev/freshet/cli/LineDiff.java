package dev.freshet.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The difference of two texts line by line, by their longest common subsequence (Hunt and McIlroy,
 * "An Algorithm for Differential File Comparison", 1976; here the plain quadratic table: queries
 * have tens of lines).
 */
final class LineDiff {
  /** A line of one text or of both. */
  record Line(Kind kind, String text) {}

  enum Kind {
    SAME,
    REMOVED,
    ADDED
  }

  private LineDiff() {}

  static List<Line> of(String before, String after) {
    List<String> old = before.strip().lines().map(String::stripTrailing).toList();
    List<String> next = after.strip().lines().map(String::stripTrailing).toList();
    int[][] common = new int[old.size() + 1][next.size() + 1];
    for (int i = old.size() - 1; i >= 0; i--) {
      for (int j = next.size() - 1; j >= 0; j--) {
        common[i][j] =
            old.get(i).equals(next.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    List<Line> lines = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < old.size() || j < next.size()) {
      if (i < old.size() && j < next.size() && old.get(i).equals(next.get(j))) {
        lines.add(new Line(Kind.SAME, old.get(i++)));
        j++;
      } else if (j == next.size() || i < old.size() && common[i + 1][j] >= common[i][j + 1]) {
        lines.add(new Line(Kind.REMOVED, old.get(i++)));
      } else {
        lines.add(new Line(Kind.ADDED, next.get(j++)));
      }
    }
    return lines;
  }
}
