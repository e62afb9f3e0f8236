package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.report.Verdict.Bound;
import org.junit.jupiter.api.Test;

class VerdictTest {

  private static Verdict verdict(double value, Bound bound, double limit) {
    return new Verdict("1", "scan 100K 1 %", "full ÷ wal", value, bound, limit, "×");
  }

  @Test
  void meetsABoundThatIncludesItsLimit() {
    assertThat(verdict(18, Bound.AT_LEAST, 18).met()).isTrue();
    assertThat(verdict(1.05, Bound.AT_MOST, 1.05).met()).isTrue();
  }

  @Test
  void missesABoundThatExcludesItsLimit() {
    assertThat(verdict(7, Bound.MORE_THAN, 7).met()).isFalse();
    assertThat(verdict(2, Bound.LESS_THAN, 2).met()).isFalse();
  }

  @Test
  void missesWhatWasNotMeasured() {
    assertThat(verdict(Double.NaN, Bound.AT_LEAST, 1).met()).isFalse();
    assertThat(verdict(Double.NaN, Bound.AT_MOST, 1).met()).isFalse();
  }

  @Test
  void missesWhatWasSpoiltHoweverGoodTheFigure() {
    Verdict spoilt = verdict(100, Bound.AT_LEAST, 18).spoiltBy("wal has a wrong result");
    assertThat(spoilt.met()).isFalse();
    assertThat(spoilt)
        .hasToString("scan 100K 1 %: full ÷ wal = 100×, target ≥ 18× (wal has a wrong result)");
  }
}
