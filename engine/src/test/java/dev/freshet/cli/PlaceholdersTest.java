package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaceholdersTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "unnest(?, ?) | unnest($1, $2)",
        "a ?? b AND ? | a ? b AND $1",
        "'?' + \"?\" + ? | '?' + \"?\" + $1",
        "'it''s ?', ? | 'it''s ?', $1",
        "$$?$$, $x$?$x$, ? | $$?$$, $x$?$x$, $1",
        "/* ? */ ? | /* ? */ $1",
      })
  void numbersJdbcParametersOutsideQuotes(String jdbc, String numbered) {
    assertThat(Placeholders.numbered(jdbc)).isEqualTo(numbered);
  }
}
