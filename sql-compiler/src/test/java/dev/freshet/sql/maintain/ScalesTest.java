package dev.freshet.sql.maintain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Scalar;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which scales an expression can have, as PostgreSQL prints expressions. */
class ScalesTest {
  private static final ColumnRef PRICE = new ColumnRef("l", "price");
  private static final ColumnRef RATE = new ColumnRef("l", "rate");
  private static final ColumnRef COUNT = new ColumnRef("l", "count");
  private static final ColumnRef ANY = new ColumnRef("l", "any");

  private static final Map<ColumnRef, Integer> DECLARED = Map.of(PRICE, 2, RATE, 3, COUNT, 0);

  private static Optional<SortedSet<Integer>> scales(Object... parts) {
    return Scales.of(
        Scalar.of(parts),
        ref -> Optional.ofNullable(DECLARED.get(ref)).map(s -> new TreeSet<>(List.of(s))));
  }

  private static List<Integer> known(Object... parts) {
    return List.copyOf(scales(parts).orElseThrow());
  }

  @Test
  void addsThoseOfFactorsAndTakesTheLargerOfTerms() {
    assertThat(known("(", PRICE, " * ((1)::numeric - ", RATE, "))")).containsExactly(5);
    assertThat(known("(", PRICE, " + ", RATE, ")")).containsExactly(3);
    assertThat(known("(- ", PRICE, ")")).containsExactly(2);
    assertThat(known("((", COUNT, ")::numeric * 0.125)")).containsExactly(3);
  }

  @Test
  void unitesThoseOfACase() {
    assertThat(
            known(
                "CASE WHEN (",
                ANY,
                " ~~ 'CASE END%'::text) THEN (",
                PRICE,
                " * ",
                RATE,
                ") ELSE (0)::numeric END"))
        .containsExactly(0, 5);
    assertThat(known("CASE WHEN (", ANY, " > 1.5) THEN ", PRICE, " ELSE NULL::numeric END"))
        .containsExactly(2);
    assertThat(
            known(
                "CASE WHEN (CASE WHEN ",
                ANY,
                " THEN 1 ELSE 2 END = 1) THEN ",
                PRICE,
                " ELSE ",
                RATE,
                " END"))
        .containsExactly(2, 3);
  }

  @Test
  void takesThatOfACast() {
    assertThat(known("(", PRICE, ")::numeric(10,4)")).containsExactly(4);
    assertThat(known("('0.50'::numeric * ", PRICE, ")")).containsExactly(4);
  }

  @Test
  void doesNotKnowWhatDependsOnValues() {
    assertThat(scales("(", PRICE, " / ", RATE, ")")).isEmpty();
    assertThat(scales("round(", PRICE, ", ", COUNT, ")")).isEmpty();
    assertThat(scales("(", PRICE, " * ", ANY, ")")).isEmpty();
    assertThat(scales("('1e2'::numeric * ", PRICE, ")")).isEmpty();
    assertThat(scales("(", PRICE, " + ", PRICE)).isEmpty();
  }
}
