package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StylesTest {
  @Test
  void coloursOnlyOnATerminal() {
    assertThat(Styles.fitting(true, Map.of())).isEqualTo(Styles.COLOURED);
    assertThat(Styles.fitting(false, Map.of())).isEqualTo(Styles.PLAIN);
  }

  @Test
  void honoursNoColorAndDumbTerminals() {
    assertThat(Styles.fitting(true, Map.of("NO_COLOR", "1"))).isEqualTo(Styles.PLAIN);
    assertThat(Styles.fitting(true, Map.of("TERM", "dumb"))).isEqualTo(Styles.PLAIN);
    assertThat(Styles.fitting(true, Map.of("NO_COLOR", ""))).isEqualTo(Styles.COLOURED);
  }
}
