package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
  private static final TextTable TABLE =
      TextTable.of(
          "Milliseconds",
          1,
          List.of("scenario", "full ÷ wal"),
          List.of(List.of("scan", "19.2×"), List.of("join_agg", "9×")));

  @Test
  void alignsNamesLeftAndFiguresRight() {
    assertThat(TABLE.plain())
        .isEqualTo(
            """
            Milliseconds
            scenario  full ÷ wal
            ────────  ──────────
            scan           19.2×
            join_agg          9×
            """);
  }

  @Test
  void printsAsMarkdown() {
    assertThat(TABLE.markdown())
        .isEqualTo(
            """
            **Milliseconds**

            | scenario | full ÷ wal |
            |---|---:|
            | scan | 19.2× |
            | join_agg | 9× |
            """);
  }

  @Test
  void keepsABarInATextFromEndingItsCell() {
    TextTable table = TextTable.of("", 1, List.of("query"), List.of(List.of("a | b")));
    assertThat(table.markdown()).contains("| a \\| b |");
  }

  @Test
  void refusesARowOfAnotherLength() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TextTable.of("t", 1, List.of("a", "b"), List.of(List.of("x"))))
        .withMessageContaining("has 2 columns, but a row has 1 cells");
  }
}
