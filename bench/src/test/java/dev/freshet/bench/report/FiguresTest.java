package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FiguresTest {

  @Test
  void showsThreeSignificantDigits() {
    assertThat(Figures.significant(0.0417)).isEqualTo("0.042");
    assertThat(Figures.significant(1.926)).isEqualTo("1.93");
    assertThat(Figures.significant(40.12)).isEqualTo("40.1");
    assertThat(Figures.significant(1043.4)).isEqualTo("1,043");
  }

  @Test
  void showsADashForWhatWasNotMeasured() {
    assertThat(Figures.times(Double.NaN)).isEqualTo("–");
    assertThat(Figures.significant(Double.POSITIVE_INFINITY)).isEqualTo("–");
  }

  @Test
  void namesSizesAndSharesAsThePageDoes() {
    assertThat(Figures.rows(10_000)).isEqualTo("10K");
    assertThat(Figures.rows(10_000_000)).isEqualTo("10M");
    assertThat(Figures.rows(1_234)).isEqualTo("1,234");
    assertThat(Figures.percent(0.01)).isEqualTo("1 %");
    assertThat(Figures.percent(0.001)).isEqualTo("0.1 %");
  }
}
