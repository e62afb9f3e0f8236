package dev.freshet.sql.maintain;

import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.SourceTable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Deltas by comparing a source's rows with those of its old state: what the change buffer would
 * hold. A value is its output text as an element of an array literal: quoted, or NULL.
 */
public final class Deltas {
  public static final String NULL = "NULL";

  private Deltas() {}

  /** The text of an array literal's element. */
  public static String element(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** The text that an element stands for. */
  public static String text(String element) {
    return element.substring(1, element.length() - 1).replace("\\\"", "\"").replace("\\\\", "\\");
  }

  /**
   * All rows of a source, with all of its columns.
   *
   * @param images what the need's filter looks at, by row; empty if it keeps all
   */
  public record Rows(
      SourceTable source, List<List<String>> rows, Map<List<String>, String> images) {
    private boolean isNoticed(DeltaNeed need, List<String> row) {
      String image = images.get(row);
      return image == null || Noticed.by(need.filter(), image);
    }

    private int position(String column) {
      return IntStream.range(0, source.columns().size())
          .filter(i -> source.columns().get(i).name().equals(column))
          .findFirst()
          .orElseThrow();
    }

    private int[] positions(List<String> columns) {
      return columns.stream().mapToInt(this::position).toArray();
    }
  }

  /** The form in which a transport brings a need, if its values can be added up. */
  public static Form form(DeltaNeed need, Enum<?> transport) {
    return switch (need) {
      case DeltaNeed.Keyed _ -> transport.name().equals("LOOKUP") ? Form.KEYED_LOOKUP : Form.KEYED;
      case DeltaNeed.Weighted _ -> Form.WEIGHTED;
      case DeltaNeed.Reduced _ ->
          transport.name().equals("WEIGHTED") ? Form.WEIGHTED : Form.REDUCED;
    };
  }

  /** The form in which this delta can be brought: what cannot be added up comes as rows. */
  public static Form form(DeltaNeed need, Enum<?> transport, Rows before, Rows after) {
    if (need instanceof DeltaNeed.Reduced reduced) {
      int[] sums = after.positions(reduced.sums());
      boolean exact =
          noticed(need, before, after).keySet().stream()
              .allMatch(row -> IntStream.of(sums).allMatch(i -> isFinite(row.get(i))));
      return exact ? form(need, transport) : Form.WEIGHTED;
    }
    return form(need, transport);
  }

  private static boolean isFinite(String element) {
    return !element.equals("\"NaN\"") && !element.endsWith("Infinity\"");
  }

  /** Positions of the columns to bind as text: arrays always, all of them if wanted. */
  public static Set<Integer> arrayColumns(DeltaNeed need, Form form, boolean all) {
    var columns = DeltaRelations.columns(need, form);
    return IntStream.range(0, columns.size())
        .filter(i -> all || columns.get(i).array())
        .boxed()
        .collect(Collectors.toSet());
  }

  /** The rows of the delta relation. */
  public static List<List<String>> delta(DeltaNeed need, Form form, Rows before, Rows after) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> keyed(keyed, form == Form.KEYED_LOOKUP, before, after);
      case DeltaNeed.Weighted weighted -> weighted(weighted, before, after);
      case DeltaNeed.Reduced reduced ->
          form == Form.WEIGHTED
              ? weighted(reduced.fallback(), before, after)
              : reduced(reduced, before, after);
    };
  }

  /** Signed multiplicities of the rows that became more or fewer. */
  private static Map<List<String>, Long> zset(Rows before, Rows after) {
    Map<List<String>, Long> zset = new LinkedHashMap<>();
    before.rows().forEach(row -> zset.merge(row, -1L, Long::sum));
    after.rows().forEach(row -> zset.merge(row, 1L, Long::sum));
    zset.values().removeIf(weight -> weight == 0);
    return zset;
  }

  private static List<String> project(List<String> row, int[] positions) {
    return IntStream.of(positions).mapToObj(row::get).toList();
  }

  /** Without the rows that the query cannot notice. */
  private static Map<List<String>, Long> noticed(DeltaNeed need, Rows before, Rows after) {
    Map<List<String>, Long> zset = zset(before, after);
    zset.keySet()
        .removeIf(row -> !(before.images.containsKey(row) ? before : after).isNoticed(need, row));
    return zset;
  }

  private static List<List<String>> weighted(DeltaNeed.Weighted need, Rows before, Rows after) {
    int[] columns = after.positions(need.columns());
    Map<List<String>, Long> projected = new LinkedHashMap<>();
    noticed(need, before, after)
        .forEach((row, weight) -> projected.merge(project(row, columns), weight, Long::sum));
    List<List<String>> delta = new ArrayList<>();
    projected.forEach(
        (row, weight) -> {
          if (weight != 0) {
            List<String> items = new ArrayList<>(row);
            items.add(element(weight.toString()));
            delta.add(items);
          }
        });
    return delta;
  }

  private static List<List<String>> keyed(
      DeltaNeed.Keyed need, boolean lookup, Rows before, Rows after) {
    int[] key = after.positions(need.key());
    Map<List<String>, List<String>> present = new HashMap<>();
    after.rows().forEach(row -> present.put(project(row, key), row));
    Set<List<String>> changed = new LinkedHashSet<>();
    // The log tells the row before under identity FULL only, which LOOKUP does without.
    noticed(need, before, after).keySet().forEach(row -> changed.add(project(row, key)));
    if (lookup) {
      zset(before, after).forEach((row, weight) -> addIf(weight < 0, project(row, key), changed));
    }
    List<List<String>> delta = new ArrayList<>();
    for (List<String> one : changed) {
      boolean there = present.containsKey(one);
      List<String> items = new ArrayList<>();
      for (String column : need.columns()) {
        int inKey = need.key().indexOf(column);
        items.add(
            inKey >= 0
                ? one.get(inKey)
                : there && !lookup ? present.get(one).get(after.position(column)) : NULL);
      }
      items.add(element(there ? "t" : "f"));
      delta.add(items);
    }
    return delta;
  }

  private static void addIf(boolean wanted, List<String> key, Set<List<String>> keys) {
    if (wanted) {
      keys.add(key);
    }
  }

  private static final class Totals {
    private long weight;
    private final BigDecimal[] totals;
    private final long[] counts;

    Totals(int sums) {
      totals = new BigDecimal[sums];
      java.util.Arrays.fill(totals, BigDecimal.ZERO);
      counts = new long[sums];
    }

    void add(long times, List<String> values) {
      weight += times;
      for (int i = 0; i < counts.length; i++) {
        if (!values.get(i).equals(NULL)) {
          totals[i] =
              totals[i].add(
                  new BigDecimal(text(values.get(i))).multiply(BigDecimal.valueOf(times)));
          counts[i] += times;
        }
      }
    }

    boolean isZero() {
      return weight == 0
          && IntStream.range(0, counts.length)
              .allMatch(i -> counts[i] == 0 && totals[i].signum() == 0);
    }
  }

  private static List<List<String>> reduced(DeltaNeed.Reduced need, Rows before, Rows after) {
    int[] group = after.positions(need.group());
    int[] sums = after.positions(need.sums());
    Map<List<String>, Totals> groups = new LinkedHashMap<>();
    noticed(need, before, after)
        .forEach(
            (row, weight) ->
                groups
                    .computeIfAbsent(project(row, group), _ -> new Totals(sums.length))
                    .add(weight, project(row, sums)));
    List<List<String>> delta = new ArrayList<>();
    groups.forEach(
        (row, totals) -> {
          if (!totals.isZero()) {
            List<String> items = new ArrayList<>(row);
            items.add(element(String.valueOf(totals.weight)));
            for (int i = 0; i < sums.length; i++) {
              items.add(element(totals.totals[i].toPlainString()));
              items.add(element(String.valueOf(totals.counts[i])));
            }
            delta.add(items);
          }
        });
    return delta;
  }
}
