package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.CommandLineRun.Setting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The reference page says what the commands say. */
class CommandReferenceTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ""), "../docs/reference/commands.md").normalize();

  @BeforeAll
  static void updateOnDemand() throws IOException {
    if (Boolean.getBoolean("freshet.update-reference")) {
      Files.writeString(PAGE, CommandReference.markdown(commands()));
    }
  }

  @Test
  void pageIsUpToDate() {
    assertThat(PAGE)
        .as("generated; rewrite with -Dfreshet.update-reference=true")
        .content()
        .isEqualTo(CommandReference.markdown(commands()));
  }

  private static CommandLine commands() {
    return Main.commandLine(
        new Terminal(
            new PrintWriter(new StringWriter()),
            new PrintWriter(new StringWriter()),
            new ByteArrayInputStream(new byte[0]),
            Setting.empty().environment(),
            Styles.PLAIN));
  }
}
