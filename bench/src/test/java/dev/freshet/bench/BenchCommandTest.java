package dev.freshet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      new CommandLine(new BenchCommand()).setErr(new PrintWriter(err, true));

  @Test
  void offersEveryBenchmarkOfThisRelease() {
    assertThat(commandLine.getSubcommands().keySet())
        .containsExactlyInAnyOrder(
            "matrix", "noop", "writers", "freshness", "decode", "scale", "memory", "tpch");
  }

  @Test
  void showsWhatThereIsWhenNoneIsNamed() {
    assertThat(commandLine.execute()).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("matrix", "freshness");
  }

  @Test
  void namesTheOptionAndTheChoicesOfAnUnknownScenario() {
    assertThat(commandLine.execute("matrix", "--scenario", "scann")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("--scenario: unknown scenario \"scann\"; there are scan, filter, aggregate");
  }

  @Test
  void refusesAnUnknownCommitMode() {
    assertThat(commandLine.execute("matrix", "--synchronous-commit", "maybe"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("--synchronous-commit is on, off or both, not maybe");
  }

  @Test
  void estimatesWhatIsLeftInWords() {
    assertThat(Progress.inWords(java.time.Duration.ofMillis(200))).isEqualTo("1 s");
    assertThat(Progress.inWords(java.time.Duration.ofSeconds(99))).isEqualTo("99 s");
    assertThat(Progress.inWords(java.time.Duration.ofSeconds(660))).isEqualTo("11 min");
  }
}
