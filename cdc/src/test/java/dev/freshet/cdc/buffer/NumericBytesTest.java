package dev.freshet.cdc.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NumericBytesTest {
  /** As {@code numeric_send} writes them. */
  @ParameterizedTest
  @CsvSource({
    "0, 0, 0000 0000 0000 0000",
    "0.00, 2, 0000 0000 0000 0002",
    "1, 0, 0001 0000 0000 0000 0001",
    "-1.50, 2, 0002 0000 4000 0002 0001 1388",
    "10000, 0, 0001 0001 0000 0000 0001",
    "12345.678, 3, 0003 0001 0000 0003 0001 0929 1A7C",
    "0.00001, 5, 0001 FFFE 0000 0005 03E8",
  })
  void encodesAsPostgresDoes(String value, int scale, String hex) {
    byte[] bytes = NumericBytes.encode(new BigDecimal(value), scale);
    assertThat(HexFormat.of().withUpperCase().formatHex(bytes)).isEqualTo(hex.replace(" ", ""));
  }

  @Test
  void decodesWhatItEncoded() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      int scale = random.nextInt(12);
      BigDecimal value =
          new BigDecimal(new java.math.BigInteger(random.nextInt(1, 120), random), scale);
      BigDecimal signed = random.nextBoolean() ? value : value.negate();
      assertThat(NumericBytes.decode(NumericBytes.encode(signed, scale), 0))
          .as("seed %d", seed)
          .isEqualByComparingTo(signed);
    }
  }
}
