package dev.freshet.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.cli.ExitCode;
import dev.freshet.cli.Main;
import dev.freshet.cli.Styles;
import dev.freshet.cli.Terminal;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code freshet compile} without any server of the user's. */
class ScratchServerTest {

  @Test
  void compilesStandardInputOnTheEmbeddedServer() {
    String script =
        "CREATE TABLE t (a int PRIMARY KEY, b int); SELECT b, count(*) FROM t GROUP BY b;";
    StringWriter out = new StringWriter();
    int code =
        Main.run(
            new Terminal(
                new PrintWriter(out, true),
                new PrintWriter(new StringWriter()),
                new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)),
                Map.of("PGHOST", "nowhere.invalid"),
                Styles.PLAIN),
            "compile",
            "-");
    assertThat(code).isEqualTo(ExitCode.OK);
    assertThat(out.toString()).contains("1 query: 1 incremental (100 %: 1 algebraic,");
  }
}
