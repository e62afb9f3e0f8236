package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrorTextTest {
  @Test
  void showsWhereInTheQueryAsPsqlDoes() {
    FreshetException e =
        FreshetException.received(
            Kind.BAD_QUERY,
            "column \"amout\" does not exist",
            "Perhaps you meant to reference the column \"orders.amount\".",
            Optional.of("42703"),
            Optional.of(23));
    String query = "SELECT region,\n   sum(amout)\nFROM orders";
    assertThat(ErrorText.of(e, Optional.of(query), e.remedy(), Styles.PLAIN))
        .isEqualTo(
            """
            error: column "amout" does not exist
            LINE 2:    sum(amout)
                           ^
            hint: Perhaps you meant to reference the column "orders.amount".
            """);
  }

  @Test
  void cutsALongLineToAWindowAroundTheError() {
    String query = "SELECT " + "a, ".repeat(40) + "b FROM t WHERE c = 1 AND " + "d ".repeat(40);
    String[] lines = ErrorText.excerpt(query, 128).split("\n");
    assertThat(lines[0]).startsWith("LINE 1: ...").endsWith("...").hasSizeLessThan(80);
    assertThat(lines[0].charAt(lines[1].indexOf('^'))).isEqualTo('b');
  }

  @Test
  void countsCharactersOutsideTheBasicPlaneOnce() {
    assertThat(ErrorText.excerpt("SELECT '𝛿𝛿', x", 13))
        .isEqualTo("LINE 1: SELECT '𝛿𝛿', x\n" + "                    ^\n");
  }

  @Test
  void pointsBehindTheLastCharacterAtAnUnexpectedEnd() {
    assertThat(ErrorText.excerpt("SELECT 1 +", 11))
        .isEqualTo("LINE 1: SELECT 1 +\n" + "                  ^\n");
  }

  @Test
  void leavesOutWhatThereIsNot() {
    FreshetException e = FreshetException.of(Kind.BUSY, "somebody else is at it", "");
    assertThat(ErrorText.of(e, Optional.of("SELECT 1"), "", Styles.PLAIN))
        .isEqualTo("error: somebody else is at it\n");
  }
}
