package dev.freshet.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.freshet.cli.ExitCode;
import dev.freshet.embedded.PgVersion;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ChaosCommandTest {
  private final StringWriter err = new StringWriter();
  private final CommandLine commandLine =
      new CommandLine(new ChaosCommand()).setErr(new PrintWriter(err, true));

  private void refused(String message, String... arguments) {
    assertThat(commandLine.execute(arguments)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(message);
  }

  @Test
  void namesTheKindsOfAnUnknownOne() {
    refused(
        "unknown kind \"engine-kil\"; there are engine-kill, engine-term", "--kinds", "engine-kil");
  }

  @Test
  void refusesAnEventThatTheVersionDoesNotKnow() {
    refused(
        "--kinds: slot-idle does not happen to PostgreSQL 17",
        "--postgres-version",
        "17",
        "--kinds",
        "slot-idle");
  }

  @Test
  void refusesNoEventsAndUnknownVersions() {
    refused("--events must be at least 1, not 0", "--events", "0");
    refused(
        "PostgreSQL 14 is not one of the supported versions 15 to 18", "--postgres-version", "14");
  }

  @Test
  void drawsEveryKindOnceBeforeOneComesAgain() {
    List<Kind> kinds = Kind.on(PgVersion.V15);
    Deck deck = new Deck(kinds, new Random(7));
    for (int round = 0; round < 3; round++) {
      Set<Kind> drawn = EnumSet.noneOf(Kind.class);
      kinds.forEach(_ -> drawn.add(deck.draw()));
      assertThat(drawn).containsExactlyInAnyOrderElementsOf(kinds);
    }
    assertThat(kinds).doesNotContain(Kind.SLOT_IDLE);
  }

  private static ChaosResult failed() {
    ChaosOptions options =
        new ChaosOptions(
            9, Optional.empty(), 4711, List.of(Kind.TAKEOVER, Kind.CLUSTER), PgVersion.V16, false);
    Event event = new Event(1, Kind.CLUSTER, Duration.ofMillis(1234), List.of("tree"));
    return new ChaosResult(
        options,
        "16.15",
        Duration.ofSeconds(5),
        List.of(event),
        new ChaosResult.Checks(1, 1, 0, 100),
        new ChaosResult.Traffic(50, 2, 30),
        1,
        List.of("event 1, cluster: tree differs from its query: [(missing,1)]"));
  }

  @Test
  void failureEndsWithWhatToRun() {
    assertThat(ChaosText.verdict(failed()))
        .isEqualTo(
            "CHAOS FAILED 1; again: freshet chaos --events 9 --seed 4711 --postgres-version 16"
                + " --kinds takeover,cluster");
    assertThat(ChaosText.byKind(failed()).plain())
        .contains("cluster  CLUSTER of a source       1  1.23 s   1.23 s        1");
  }

  @Test
  void endIsOneObjectForPrograms() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    ChaosJson output = new ChaosJson(new PrintStream(printed, true, StandardCharsets.UTF_8));
    output.happened(failed().events().getFirst());
    output.ends(failed());
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
    assertThat(lines)
        .first()
        .isEqualTo(
            "{\"event\":1,\"kind\":\"cluster\",\"recovery_ms\":1234,\"refilled\":[\"tree\"]}");
    JsonNode end = new ObjectMapper().readTree(lines.getLast());
    assertThat(end.get("chaos").asText()).isEqualTo("failed");
    assertThat(end.get("comparisons").asInt()).isEqualTo(Shape.ALL.size());
    assertThat(end.get("mismatches").asInt()).isEqualTo(1);
    assertThat(end.get("recovery_longest_ms").asInt()).isEqualTo(1234);
    assertThat(end.get("again").asText()).startsWith("freshet chaos --events 9 --seed 4711");
  }
}
