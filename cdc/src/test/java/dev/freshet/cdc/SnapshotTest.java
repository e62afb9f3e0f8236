package dev.freshet.cdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotTest {
  @ParameterizedTest
  @CsvSource({"9,true", "10,false", "11,true", "14,false", "19,true", "20,false", "21,false"})
  void seesWhatHadEndedWhenItWasTaken(long xid, boolean visible) {
    assertThat(Snapshot.parse("10:20:10,14").sees(xid)).isEqualTo(visible);
  }

  /** 4294967296 = 2³²: the snapshot is in epoch 1, the transaction began in epoch 0, and back. */
  @ParameterizedTest
  @CsvSource({
    "4294967300:4294967310:, 4294967295, 4294967295",
    "4294967300:4294967310:, 5, 4294967301",
    "4294967200:4294967290:, 3, 4294967299",
    "100:110:, 3, 3",
    "100:110:, 120, 120",
    "12884901888:12884901890:, 4294967290, 12884901882",
  })
  void widensAcrossTheWrap(String snapshot, long low, long wide) {
    assertThat(Snapshot.parse(snapshot).widen((int) low)).isEqualTo(wide);
  }

  @Test
  void laterSnapshotCoversEarlier() {
    Snapshot early = Snapshot.parse("10:20:10,14");
    assertThat(Snapshot.parse("14:21:14").covers(early)).isTrue();
    assertThat(early.covers(early)).isTrue();
    assertThat(early.covers(Snapshot.parse("14:21:14"))).isFalse();
    assertThat(Snapshot.parse("10:21:10,12").covers(early)).as("12 was seen").isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1:2", "1:2:3:4", "5:4:", "a:b:", "1:2:x"})
  void refusesWhatIsNoSnapshot(String text) {
    assertThatThrownBy(() -> Snapshot.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void printsWhatItRead() {
    assertThat(Snapshot.parse("10:20:10,14")).hasToString("10:20:10,14");
    assertThat(Lsn.parse("16/B374D848")).hasToString("16/B374D848");
    assertThat(Lsn.parse("FFFFFFFF/FFFFFFFF")).isGreaterThan(Lsn.parse("1/0"));
  }
}
