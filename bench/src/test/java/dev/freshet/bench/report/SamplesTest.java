package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {

  @Test
  void interpolatesAsPercentileCont() {
    // SELECT percentile_cont(ARRAY[0, 0.25, 0.5, 0.95, 1]) WITHIN GROUP (ORDER BY x)
    // FROM unnest(ARRAY[1, 2, 4, 8, 16]) AS x  →  {1,2,4,14.4,16}
    Samples samples = Samples.of(8, 1, 16, 2, 4);
    assertThat(samples.quantile(0)).isEqualTo(1);
    assertThat(samples.quantile(0.25)).isEqualTo(2);
    assertThat(samples.median()).isEqualTo(4);
    assertThat(samples.p95()).isCloseTo(14.4, within(1e-9));
    assertThat(samples.quantile(1)).isEqualTo(16);
  }

  @Test
  void halvesTheDistanceOfAnEvenCount() {
    assertThat(Samples.of(1, 2, 3, 10).median()).isEqualTo(2.5);
  }

  @Test
  void takesOneSampleForAllQuantiles() {
    Samples one = Samples.of(7);
    assertThat(List.of(one.min(), one.median(), one.p95(), one.p99(), one.max())).containsOnly(7.0);
  }

  @Test
  void leavesTheCallersArrayAlone() {
    double[] values = {3, 1, 2};
    assertThat(Samples.of(values).median()).isEqualTo(2);
    assertThat(values).containsExactly(3, 1, 2);
  }

  @Test
  void refusesToSummariseNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samples.of(List.of()))
        .withMessageContaining("nothing was measured");
  }

  @Test
  void refusesAQuantileOutsideItsRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samples.of(1).quantile(95))
        .withMessageContaining("between 0 and 1, not 95");
  }
}
