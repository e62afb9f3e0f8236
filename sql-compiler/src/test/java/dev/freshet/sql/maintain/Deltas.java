package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.DeltaNeed;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Deltas by comparing a source with a copy of its old state: what the change buffer would hold. */
public final class Deltas {
  private Deltas() {}

  /** The form in which a transport brings a need. */
  public static Form form(DeltaNeed need, Enum<?> transport) {
    return switch (need) {
      case DeltaNeed.Keyed _ -> transport.name().equals("LOOKUP") ? Form.KEYED_LOOKUP : Form.KEYED;
      case DeltaNeed.Weighted _ -> Form.WEIGHTED;
      case DeltaNeed.Reduced _ ->
          transport.name().equals("WEIGHTED") ? Form.WEIGHTED : Form.REDUCED;
    };
  }

  /** Positions of the columns to bind as text: arrays always, all of them if wanted. */
  public static Set<Integer> arrayColumns(DeltaNeed need, Form form, boolean all) {
    var columns = DeltaRelations.columns(need, form);
    return IntStream.range(0, columns.size())
        .filter(i -> all || columns.get(i).array())
        .boxed()
        .collect(Collectors.toSet());
  }

  public static String select(DeltaNeed need, Form form, String old) {
    return switch (need) {
      case DeltaNeed.Keyed keyed -> keyed(keyed, form == Form.KEYED_LOOKUP, old);
      case DeltaNeed.Weighted weighted -> weighted(weighted, old);
      case DeltaNeed.Reduced reduced ->
          form == Form.WEIGHTED ? weighted(reduced.fallback(), old) : reduced(reduced, old);
    };
  }

  private static String list(List<String> names, String prefix) {
    return names.stream().map(n -> prefix + quote(n)).collect(Collectors.joining(", "));
  }

  private static String zset(DeltaNeed need, List<String> columns, String old) {
    String items = columns.isEmpty() ? "" : list(columns, "r.") + ", ";
    return "SELECT "
        + items
        + "1 AS w FROM "
        + need.source().name()
        + " r UNION ALL SELECT "
        + items
        + "-1 FROM "
        + old
        + " r";
  }

  private static String weighted(DeltaNeed.Weighted need, String old) {
    String row = "ROW(" + list(need.columns(), "z.") + ")::text";
    String items = need.columns().isEmpty() ? "" : list(need.columns(), "y.") + ", ";
    return "SELECT "
        + items
        + "y.total::int8 AS w FROM (SELECT DISTINCT ON ("
        + row
        + ") z.*, sum(w) OVER (PARTITION BY "
        + row
        + ") AS total FROM ("
        + zset(need, need.columns(), old)
        + ") z) y WHERE y.total <> 0";
  }

  private static String keyed(DeltaNeed.Keyed need, boolean lookup, String old) {
    List<String> all = need.source().columns().stream().map(c -> c.name()).toList();
    String changed =
        "SELECT DISTINCT ROW("
            + list(need.key(), "y.")
            + ")::text FROM ("
            + weighted(new DeltaNeed.Weighted(need.source(), all), old)
            + ") y";
    var now = new ArrayList<String>();
    var gone = new ArrayList<String>();
    for (String column : need.columns()) {
      boolean key = need.key().contains(column);
      now.add(key || !lookup ? "r." + quote(column) : "NULL AS " + quote(column));
      gone.add(key ? "r." + quote(column) : "NULL");
    }
    String key = "ROW(" + list(need.key(), "r.") + ")::text";
    return "SELECT "
        + String.join(", ", now)
        + ", true AS present FROM "
        + need.source().name()
        + " r WHERE "
        + key
        + " IN ("
        + changed
        + ") UNION ALL SELECT "
        + String.join(", ", gone)
        + ", false FROM "
        + old
        + " r WHERE "
        + key
        + " IN ("
        + changed
        + ") AND "
        + key
        + " NOT IN (SELECT "
        + key
        + " FROM "
        + need.source().name()
        + " r)";
  }

  private static String reduced(DeltaNeed.Reduced need, String old) {
    var columns = new ArrayList<>(need.group());
    columns.addAll(need.sums());
    String row = "ROW(" + list(need.group(), "z.") + ")::text";
    var items = new ArrayList<String>();
    need.group().forEach(name -> items.add("y." + quote(name)));
    items.add("y.w_total");
    var sums = new ArrayList<String>(List.of("sum(z.w) OVER p::int8 AS w_total"));
    for (int i = 0; i < need.sums().size(); i++) {
      String x = "z." + quote(need.sums().get(i));
      String type =
          DeltaRelations.totalType(need.source().column(need.sums().get(i)).orElseThrow().type());
      sums.add("COALESCE(sum(" + x + "::numeric * z.w) OVER p, 0)::" + type + " AS t" + i);
      sums.add("COALESCE(sum(z.w) FILTER (WHERE " + x + " IS NOT NULL) OVER p, 0)::int8 AS c" + i);
      items.add("y.t" + i);
      items.add("y.c" + i);
    }
    String sumList = String.join(", ", sums).replace("OVER p", "OVER (PARTITION BY " + row + ")");
    String nonZero =
        IntStream.range(0, need.sums().size())
            .mapToObj(i -> " OR y.t" + i + " <> 0 OR y.c" + i + " <> 0")
            .collect(Collectors.joining());
    return "SELECT "
        + String.join(", ", items)
        + " FROM (SELECT DISTINCT ON ("
        + row
        + ") z.*, "
        + sumList
            .replace("(PARTITION BY " + row + ")::int8", "(PARTITION BY " + row + "))::int8")
            .replace(
                "sum(z.w) OVER (PARTITION BY " + row + "))::int8 AS w_total",
                "(sum(z.w) OVER (PARTITION BY " + row + "))::int8 AS w_total")
        + " FROM ("
        + zset(need, columns, old)
        + ") z) y WHERE y.w_total <> 0"
        + nonZero;
  }
}
