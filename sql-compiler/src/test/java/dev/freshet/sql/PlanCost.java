package dev.freshet.sql;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the statements of a refresh touched, read from {@code EXPLAIN (ANALYZE, BUFFERS)}.
 *
 * @param buffers pages read, from the cache or from elsewhere
 * @param rows by relation: rows that its scans returned or filtered out
 * @param readInFull the relations that were read from the beginning to the end though they have an
 *     index that should have served
 */
record PlanCost(long buffers, Map<String, Long> rows, Set<String> readInFull) {
  private static final Pattern SCAN =
      Pattern.compile(
          "(Seq Scan|Index Scan|Index Only Scan|Bitmap Heap Scan|Tid Scan|Tid Range Scan)"
              + "(?: Backward)?(?: using \\S+)? on (\\S+).*"
              + "\\(actual rows=([0-9.]+) loops=(\\d+)\\)");
  private static final Pattern REMOVED =
      Pattern.compile("Rows Removed by (?:Filter|Index Recheck|Join Filter): (\\d+)");
  private static final Pattern BUFFERS =
      Pattern.compile("^ *Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?.*");

  /**
   * @param indexed relations that have the indexes that they need
   */
  static PlanCost of(List<String> plan, Set<String> indexed) {
    long buffers = 0;
    Map<String, Long> rows = new TreeMap<>();
    Set<String> inFull = new TreeSet<>();
    boolean top = true;
    String relation = "";
    long loops = 0;
    for (String line : plan) {
      if (!line.startsWith(" ")) {
        top = true; // the first line of a plan, or "Planning:"
      }
      if (line.startsWith("Planning")) {
        top = false;
      }
      if (line.contains("(actual ") || line.contains("(never executed)")) {
        relation = "";
      }
      Matcher scan = SCAN.matcher(line);
      Matcher removed = REMOVED.matcher(line);
      Matcher pages = BUFFERS.matcher(line);
      if (scan.find()) {
        relation = scan.group(2);
        loops = Long.parseLong(scan.group(4));
        long touched = Math.round(Double.parseDouble(scan.group(3)) * loops);
        rows.merge(relation, touched, Long::sum);
        if (scan.group(1).equals("Seq Scan") && indexed.contains(relation)) {
          inFull.add(relation);
        }
      } else if (removed.find() && !relation.isEmpty() && line.contains("Filter")) {
        rows.merge(relation, Long.parseLong(removed.group(1)) * loops, Long::sum);
      } else if (top && pages.matches()) {
        buffers += number(pages.group(1)) + number(pages.group(2));
        top = false; // those of a node contain those of its inputs
      }
    }
    return new PlanCost(buffers, rows, inFull);
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /** The rows of all relations together. */
  long allRows() {
    return rows.values().stream().mapToLong(Long::longValue).sum();
  }
}
