package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.SourceTable;
import dev.freshet.sql.TableName;
import dev.freshet.sql.delta.Differentiation;
import dev.freshet.sql.render.RowMatch;
import dev.freshet.sql.render.SelectRenderer;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Bound;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Pruning;
import dev.freshet.sql.tree.Recursion;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What becomes of the stored rows of a recursion {@code R = B + S(R)} (bags), or the least {@code R
 * = B ∪ S(R)} (sets), when its sources change. S is linear: {@code S(R) = Σ S({r})}.
 *
 * <pre>
 * H  = ΔB + ΔS(Rᵒˡᵈ)                       what changes at first; of sets, in G, only what is lost
 * G  = H ∩ Rᵒˡᵈ, and with g all of S(g) ∩ Rᵒˡᵈ      the rows that may go
 * Rᵏ = Rᵒˡᵈ − G                            the rows that stay as they are
 * E  = (B + S(Rᵏ)) ⋉ G + (ΔB + ΔS(Rᵏ)) ▷ Rᵒˡᵈ     those of G that the rest still leads to, and new ones
 * N  = E + S(N)                            of sets: those that are not in Rᵏ
 * R  = Rᵏ + N
 * </pre>
 *
 * B and S without a mark are those of the new state; G has all copies of a row or none.
 *
 * <p>Why: take a way from B to a row of Rᵏ in the old state. No row on it is in G, or all after it
 * were; and no step of it has changed, or its end were in H. So it is a way in the new state:
 * {@code Rᵏ ⊆ R}. What B and S make of Rᵏ is Rᵏ itself, rows of G, and rows that R did not have:
 * {@code B + S(Rᵏ) = Rᵏ + E}. So {@code Rᵏ + N = B + S(Rᵏ + N)}. All of G is in Rᵒˡᵈ and all of N
 * in R, so both ends are reached wherever PostgreSQL reaches that of R.
 *
 * <p>The cost is that of the rows in G and N, and of looking each up: no part reads all of R.
 */
final class RecursiveChange {
  /** The last part: rows that go with their places, and rows that come without. */
  static final String CHANGES = "\"__freshet_changes\"";

  private static final String HEADS = "\"__freshet_heads\"";
  private static final String GONE = "__freshet_gone";
  private static final String FOUND = "\"__freshet_found\"";
  private static final String COME = "__freshet_come";
  private static final String PLACE = "\"__freshet_place\"";
  private static final String WEIGHT = quote(Weighted.WEIGHT);

  /**
   * As many as the total says; the planner takes an array for ten rows, a series for a thousand.
   */
  private static final String COPIES =
      " CROSS JOIN LATERAL unnest(array_fill(TRUE,"
          + " ARRAY[greatest(h.__freshet_total, 0)::int4])) AS c";

  private static final String ALREADY_GONE = "(SELECT g." + PLACE + " FROM \"" + GONE + "\" AS g)";

  private final Recursion recursion;
  private final RowMatch match;
  private final Differentiation differentiation;
  private final DeltaRelations deltas;

  /**
   * @param match finds rows of R by all their columns
   */
  RecursiveChange(
      Recursion recursion, RowMatch match, Differentiation differentiation, DeltaRelations deltas) {
    this.recursion = recursion;
    this.match = match;
    this.differentiation = differentiation;
    this.deltas = deltas;
  }

  /** The common table expressions up to {@link #CHANGES}; empty if nothing that R reads changed. */
  Optional<Map<String, String>> parts() {
    Operator base = Pruning.of(recursion.base());
    Operator step = Pruning.of(recursion.tracked());
    var heads = new ArrayList<String>();
    differentiation.delta(base).ifPresent(d -> heads.add(heads(d, base, Optional.empty())));
    differentiation
        .delta(step)
        .ifPresent(d -> heads.add(heads(d, step, Optional.of(recursion.place()))));
    if (heads.isEmpty()) {
      return Optional.empty();
    }
    var rows = new Bound(GONE, columns("g"));
    String ofBase = select(differentiation.among(base, rows), false);
    String ofStep = select(differentiation.among(step, rows), true);
    var parts = new LinkedHashMap<>(StepText.of(differentiation, deltas));
    parts.put(HEADS, String.join("\nUNION ALL\n", heads));
    parts.put(quote(GONE) + "(" + PLACE + ", " + list("") + ")", gone());
    parts.put(FOUND, found(ofBase, ofStep));
    parts.put(quote(COME) + "(" + list("") + ")", come());
    parts.putAll(difference(recursion));
    return Optional.of(parts);
  }

  /** The parts of a full refresh: all rows may go, and those of the new state come. */
  static Map<String, String> whole(Recursion recursion) {
    var parts = new LinkedHashMap<String, String>();
    parts.put(
        quote(GONE),
        "SELECT t.\"ctid\" AS %s, %s FROM %s AS t"
            .formatted(PLACE, list(recursion, "t."), recursion.table().name()));
    parts.put(quote(COME), select(recursion));
    parts.putAll(difference(recursion));
    return parts;
  }

  /** R as PostgreSQL computes it. */
  static String select(Recursion recursion) {
    String own = "__freshet_all";
    return """
    WITH RECURSIVE %s(%s) AS (
    SELECT %s FROM (
    %s
    ) AS b
    %s
    %s
    )
    SELECT %s FROM %s AS r\
    """
        .formatted(
            quote(own),
            list(recursion, ""),
            list(recursion, "b."),
            SelectRenderer.select(recursion.base(), names(recursion)),
            recursion.all() ? "UNION ALL" : "UNION",
            over(recursion, own),
            list(recursion, "r."),
            quote(own));
  }

  static String delete(TableName target, String changes) {
    return """
    DELETE FROM %s AS t WHERE t.ctid = ANY (ARRAY(
      SELECT c.%s FROM %s AS c WHERE c.%s IS NOT NULL))\
    """
        .formatted(target, PLACE, changes, PLACE);
  }

  static String insert(TableName target, String into, Recursion recursion, String changes) {
    return "INSERT INTO %s (%s)\nSELECT %s FROM %s AS c WHERE c.%s IS NULL"
        .formatted(target, into, list(recursion, "c."), changes, PLACE);
  }

  private static List<String> names(Recursion recursion) {
    return recursion.table().columns().stream().map(SourceTable.Column::name).toList();
  }

  private static String list(Recursion recursion, String prefix) {
    return names(recursion).stream()
        .map(name -> prefix + quote(name))
        .collect(Collectors.joining(", "));
  }

  private String list(String prefix) {
    return list(recursion, prefix);
  }

  private List<ColumnRef> columns(String relation) {
    return names(recursion).stream().map(name -> new ColumnRef(relation, name)).toList();
  }

  /** S over the rows of a common table expression. */
  private static String over(Recursion recursion, String common) {
    return SelectRenderer.select(
        recursion.stepOver(new Bound(common, recursion.self().columns())), names(recursion));
  }

  /** The columns of R, the place of the row of R that they are made from, and the weight. */
  private String heads(Weighted delta, Operator tree, Optional<ColumnRef> place) {
    var outputs = new ArrayList<Named>();
    List<String> names = names(recursion);
    for (int i = 0; i < names.size(); i++) {
      outputs.add(new Named(new ColumnRef("", names.get(i)), Scalar.column(tree.columns().get(i))));
    }
    outputs.add(
        new Named(
            new ColumnRef("", "__freshet_place"),
            place.map(Scalar::column).orElse(Scalar.of("NULL::tid"))));
    outputs.add(new Named(new ColumnRef("", Weighted.WEIGHT), delta.weightOrOne()));
    return deltas.select(
        Unions.project(delta.tree(), outputs),
        outputs.stream().map(output -> output.as().column()).toList());
  }

  /** A tree's columns; of those made from rows of R, only what rows make that stay. */
  private String select(Operator tree, boolean tracked) {
    var outputs = new ArrayList<String>(names(recursion));
    if (tracked) {
      outputs.add("__freshet_place");
    }
    String text = deltas.select(tree, outputs);
    // Behind a fence: the planner would count the look-up into the rows that go once for each row.
    return tracked
        ? "SELECT %s FROM (SELECT y.* FROM (\n%s\n) AS y OFFSET 0) AS x WHERE x.%s NOT IN %s"
            .formatted(list("x."), text, PLACE, ALREADY_GONE)
        : "SELECT %s FROM (\n%s\n) AS x".formatted(list("x."), text);
  }

  private String gone() {
    String lost = recursion.all() ? "" : " WHERE h." + WEIGHT + " < 0";
    return """
    SELECT t.%1$s, %2$s FROM %3$s AS h CROSS JOIN %4$s%5$s
    UNION
    SELECT t.%1$s, %2$s FROM (
    %6$s
    ) AS s CROSS JOIN %7$s\
    """
        .formatted(PLACE, list("t."), HEADS, stored("h"), lost, over(recursion, GONE), stored("s"));
  }

  /** The stored rows that equal a row; the fence keeps the planner at one look-up for each. */
  private String stored(String row) {
    return "LATERAL (SELECT t.\"ctid\" AS %s, %s FROM %s AS t WHERE %s OFFSET 0) AS t"
        .formatted(PLACE, list("t."), recursion.table().name(), match.condition("t", row));
  }

  /** Whether an equal row is stored, in {@code f}. */
  private String asked(String row, String further) {
    return "LEFT JOIN LATERAL (SELECT TRUE AS stored FROM %s AS t WHERE %s%s LIMIT 1) AS f ON TRUE"
        .formatted(recursion.table().name(), match.condition("t", row), further);
  }

  private String found(String ofBase, String ofStep) {
    String image = image("h");
    String news =
        """
        SELECT %1$s FROM (
          SELECT h.*, sum(h.%2$s) OVER w AS __freshet_total, row_number() OVER w AS __freshet_nth
          FROM %3$s AS h
          WHERE h.%4$s IS NULL OR h.%4$s NOT IN %5$s
          WINDOW w AS (PARTITION BY %6$s)
        ) AS h %7$s%8$s
        WHERE h.__freshet_nth = 1 AND h.__freshet_total > 0 AND f.stored IS NULL\
        """
            .formatted(
                list("h."),
                WEIGHT,
                HEADS,
                PLACE,
                ALREADY_GONE,
                image,
                asked("h", ""),
                recursion.all() ? COPIES : "");
    return String.join("\nUNION ALL\n", ofBase, ofStep, news);
  }

  private String come() {
    String first = "SELECT " + list("e.") + " FROM " + FOUND + " AS e";
    String next = over(recursion, COME);
    return recursion.all()
        ? first + "\nUNION ALL\n" + next
        : """
        %s
        UNION
        SELECT %s FROM (
        %s
        ) AS s %s
        WHERE f.stored IS NULL\
        """
            .formatted(
                first, list("s."), next, asked("s", " AND t.\"ctid\" NOT IN " + ALREADY_GONE));
  }

  /** Rows are the same if their images are: 1.0 that becomes 1.00 is a change. */
  private String image(String row) {
    return image(recursion, row);
  }

  private static String image(Recursion recursion, String row) {
    return "ROW(" + list(recursion, row + ".") + ")::text COLLATE \"C\"";
  }

  /** What goes and does not come again, and what comes and did not go. */
  private static Map<String, String> difference(Recursion recursion) {
    var parts = new LinkedHashMap<String, String>();
    for (String side : List.of(GONE, COME)) {
      parts.put(
          quote(side + "_nth"),
          """
          SELECT i.*, row_number() OVER (PARTITION BY i.__freshet_image) AS __freshet_copy FROM (
            SELECT s.*, %s AS __freshet_image FROM %s AS s) AS i\
          """
              .formatted(image(recursion, "s"), quote(side)));
    }
    parts.put(
        CHANGES,
        left(recursion, GONE, COME, "a." + PLACE, "-1")
            + "\nUNION ALL\n"
            + left(recursion, COME, GONE, "NULL::tid", "1"));
    return parts;
  }

  private static String left(
      Recursion recursion, String side, String other, String place, String weight) {
    return """
    SELECT %s AS %s, %s, %s::int8 AS %s FROM %s AS a
    WHERE NOT EXISTS (
      SELECT FROM %s AS b
      WHERE b.__freshet_image = a.__freshet_image AND b.__freshet_copy = a.__freshet_copy)\
    """
        .formatted(
            place,
            PLACE,
            list(recursion, "a."),
            weight,
            WEIGHT,
            quote(side + "_nth"),
            quote(other + "_nth"));
  }
}
