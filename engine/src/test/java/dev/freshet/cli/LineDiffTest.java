package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LineDiffTest {
  private static String diff(String before, String after) {
    return LineDiff.of(before, after).stream()
        .map(
            line ->
                switch (line.kind()) {
                      case SAME -> " ";
                      case REMOVED -> "-";
                      case ADDED -> "+";
                    }
                    + line.text())
        .collect(Collectors.joining("|"));
  }

  @Test
  void keepsWhatBothHaveAndPutsRemovedBeforeAdded() {
    assertThat(diff("a\nb\nc\n", "a\nx\nc\nd\n")).isEqualTo(" a|-b|+x| c|+d");
  }

  @Test
  void ignoresBlanksAtTheEndOfLinesAndTexts() {
    assertThat(diff("\na  \nb\n\n", "a\nb")).isEqualTo(" a| b");
  }

  @Test
  void showsTextsWithNothingInCommonWhole() {
    assertThat(diff("a\nb", "c")).isEqualTo("-a|-b|+c");
  }
}
