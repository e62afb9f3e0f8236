package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.bench.report.Verdict.Bound;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static BenchReport report(String bench, double figure) {
    return new BenchReport(
        bench,
        "what a refresh costs",
        new Circumstances(
            Instant.parse("2026-11-21T03:00:00Z"),
            new Machine("a processor", 2, 8_192, "Linux 6", "Java 25"),
            "embedded",
            "18.6",
            Map.of("shared_buffers", "512MB"),
            1,
            2,
            10,
            false),
        List.of(Map.of("bench", bench, "median_ms", figure, "equal", true)),
        List.of(
            TextTable.of(
                "Milliseconds",
                1,
                List.of("scenario", "wal"),
                List.of(List.of("scan", Figures.millis(figure))))),
        List.of(
            new Verdict("1", "scan", "full ÷ wal", 19, Bound.AT_LEAST, 18, "×"),
            new Verdict("1", "join", "full ÷ wal", 13, Bound.AT_LEAST, 14, "×")),
        List.of("measured with care"),
        List.of(),
        Optional.empty());
  }

  @Test
  void writesCircumstancesThenMeasurementsThenVerdicts() throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : ReportFiles.jsonLines(report("noop", 1.7)).lines().toList()) {
      lines.add(JSON.readTree(line));
    }
    assertThat(lines).hasSize(4);
    JsonNode circumstances = lines.getFirst().get("circumstances");
    assertThat(circumstances.get("cores").asInt()).isEqualTo(2);
    assertThat(circumstances.get("postgresql").asText()).isEqualTo("18.6");
    assertThat(circumstances.get("settings").get("shared_buffers").asText()).isEqualTo("512MB");
    assertThat(circumstances.get("seed").asLong()).isEqualTo(1);
    assertThat(circumstances.get("cycles").asInt()).isEqualTo(10);
    assertThat(lines.get(1).get("median_ms").asDouble()).isEqualTo(1.7);
    assertThat(lines.get(2).get("met").asBoolean()).isTrue();
    assertThat(lines.get(3).get("met").asBoolean()).isFalse();
  }

  @Test
  void countsHowManyCellsMetATarget() {
    assertThat(report("noop", 1).targetTable().orElseThrow().rows())
        .containsExactly(List.of("1", "miss", "1/2"));
    assertThat(report("noop", 1).misses())
        .containsExactly("target 1 missed: join: full ÷ wal = 13.0×, target ≥ 14×");
  }

  @Test
  void replacesOnlyItsOwnSectionOfADocument(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("docs/benchmarks.md");
    ReportFiles.writeMarkdown(report("noop", 1.11), file, Optional.empty());
    ReportFiles.writeMarkdown(report("scale", 2.22), file, Optional.empty());
    Files.writeString(file, Files.readString(file) + "\nWords of a person.\n");
    ReportFiles.writeMarkdown(report("noop", 3.33), file, Optional.empty());
    assertThat(file)
        .content()
        .startsWith("# Benchmarks")
        .contains("| scan | 3.33 |", "| scan | 2.22 |", "Words of a person.")
        .doesNotContain("1.11")
        .containsOnlyOnce("## noop")
        .containsOnlyOnce("## scale");
  }

  @Test
  void linksThePictureFromWhereTheDocumentIs(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("docs/benchmarks.md");
    Path picture = folder.resolve("docs/pictures/matrix.svg");
    ReportFiles.writeMarkdown(report("matrix", 1), file, Optional.of(picture));
    assertThat(file).content().contains("![matrix benchmark](pictures/matrix.svg)");
  }

  @Test
  void drawsNothingWhereThereIsNoChart(@TempDir Path folder) {
    Path picture = folder.resolve("none.svg");
    assertThat(ReportFiles.writeSvg(report("noop", 1), picture)).isFalse();
    assertThat(picture).doesNotExist();
  }
}
