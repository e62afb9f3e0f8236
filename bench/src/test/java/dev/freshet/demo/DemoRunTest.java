package dev.freshet.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.cli.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DemoRunTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Screen screen =
      new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), false, false);

  private List<String> lines() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void endsWithAnAuditOfEveryStreamTable() throws Exception {
    int code = new DemoRun(new DemoRun.DemoOptions(Optional.of(3L), 40, 0, false), screen).run();
    assertThat(lines()).last().isEqualTo("AUDIT OK 6/6");
    assertThat(code).isEqualTo(ExitCode.OK);
    assertThat(lines())
        .as("plain lines while it runs")
        .anyMatch(line -> line.startsWith("00:01  writer"))
        .anyMatch(line -> line.startsWith("00:03  writer"));
  }

  @Test
  void writersChangesAreSeenInEveryStreamTable() throws Exception {
    new DemoRun(new DemoRun.DemoOptions(Optional.of(4L), 40, 0, true), screen).run();
    JsonNode last = new ObjectMapper().readTree(lines().getLast());
    assertThat(last.get("audit").asText()).isEqualTo("ok");
    JsonNode scene = new ObjectMapper().readTree(lines().get(lines().size() - 2));
    assertThat(scene.get("stream_tables"))
        .hasSize(ShopStreamTable.ALL.size())
        .allSatisfy(
            table -> {
              assertThat(table.get("refreshes").asLong()).isPositive();
              assertThat(table.get("freshness_p50_ms").asDouble()).isPositive();
            });
  }
}
