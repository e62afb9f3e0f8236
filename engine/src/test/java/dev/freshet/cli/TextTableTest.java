package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {
  @Test
  void alignsTextsLeftAndQuantitiesRight() {
    String table =
        new TextTable()
            .text("NAME")
            .quantity("ROWS")
            .text("STATE")
            .row("a", "1,000", "active")
            .row("longer", "7", "paused")
            .render(Styles.PLAIN);
    assertThat(table)
        .isEqualTo(
            """
            NAME     ROWS  STATE
            a       1,000  active
            longer      7  paused
            """);
  }

  @Test
  void leavesOutColumnWithoutContent() {
    String table =
        new TextTable().text("A").text("EMPTY").text("B").row("1", "", "2").render(Styles.PLAIN);
    assertThat(table).isEqualTo("A  B\n1  2\n");
  }

  @Test
  void colourDoesNotCountForTheWidth() {
    String table =
        new TextTable()
            .text("A")
            .text("B")
            .row()
            .cell("x", Styles.COLOURED::good)
            .cell("y")
            .row("xxx", "y")
            .render(Styles.COLOURED);
    assertThat(table.lines().skip(1)).containsExactly("\u001b[32mx\u001b[0m    y", "xxx  y");
  }

  @Test
  void countsCharactersNotCodeUnits() {
    String table =
        new TextTable().text("A").text("B").row("Δ𝛿", "y").row("abc", "y").render(Styles.PLAIN);
    assertThat(table).isEqualTo("A    B\nΔ𝛿   y\nabc  y\n");
  }
}
