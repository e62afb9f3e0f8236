package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The decoder is far behind: whoever can be refreshed in full is not kept waiting, and what arrives
 * later is recognised as done. The walsender is stopped, so waiting for it would never end.
 */
@ExtendWith(FreshetExtension.class)
class FarBehindTest {
  private Freshet freshet;
  private String walsender = "";

  @BeforeEach
  void makeSource(Freshet own) throws SQLException {
    freshet = own;
    freshet.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, region text, amount int)",
        "INSERT INTO orders SELECT i, 'r' || i % 10, i FROM generate_series(1, 500) i",
        "ANALYZE orders");
  }

  @AfterEach
  void letItRun() throws Exception {
    if (!walsender.isEmpty()) {
      signal("CONT");
    }
  }

  private void signal(String name) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, walsender).start().waitFor()).isZero();
  }

  /** Stops decoding, then writes more log than a full refresh is worth waiting for. */
  private void fallBehind() throws Exception {
    walsender =
        freshet
            .rows(
                "SELECT active_pid FROM pg_replication_slots WHERE slot_name = '"
                    + freshet.config().cdc().slotName()
                    + "'")
            .getFirst()
            .replaceAll("[()]", "");
    signal("STOP");
    freshet.sql(
        "UPDATE orders SET amount = amount + 1 WHERE id <= 50",
        "DELETE FROM orders WHERE id > 490",
        "SELECT pg_logical_emit_message(false, 'other', repeat('x', 50000000))");
  }

  private void catchUp() throws Exception {
    signal("CONT");
    walsender = "";
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> freshet.engine().status().lagBytes() < 1_000_000);
  }

  private Map<String, RefreshReport> refreshAll(Optional<String> mode) {
    Reply.Refreshed refreshed =
        (Reply.Refreshed) freshet.engine().execute(new Command.Refresh(List.of(), mode));
    return refreshed.reports().stream()
        .collect(Collectors.toMap(r -> r.name().replace("public.", ""), r -> r));
  }

  /** Several samples: the first one of a kind is slow. */
  private void learnTheCostOfFull() {
    for (int i = 0; i < 3; i++) {
      refreshAll(Optional.of("full"));
    }
  }

  @Test
  void streamTableThatIsAloneIsRefreshedInFullAtOnce() throws Exception {
    freshet.create("st", "SELECT region, sum(amount) AS total FROM orders GROUP BY region");
    learnTheCostOfFull();
    fallBehind();
    RefreshReport report = freshet.refresh("st");
    assertThat(report.mode()).as(report.reason()).isEqualTo(Mode.FULL);
    assertThat(report.reason()).startsWith("the decoder is ");
    catchUp();
    assertThat(freshet.refresh("st").mode()).isEqualTo(Mode.NOOP);
    freshet.sql("UPDATE orders SET amount = 0 WHERE id = 1");
    freshet.follow("st");
  }

  @Test
  void graphIsRefreshedInFullAtOnceWhereItReadsTheLog() throws Exception {
    freshet.create("a", "SELECT id, region, amount FROM orders");
    freshet.create("b", "SELECT region, sum(amount) AS total FROM a GROUP BY region");
    freshet.create("c", "SELECT o.id, b.total FROM orders o JOIN b ON b.region = o.region");
    learnTheCostOfFull();
    fallBehind();
    Map<String, RefreshReport> reports = refreshAll(Optional.empty());
    assertThat(reports.get("a").mode()).as(reports.get("a").reason()).isEqualTo(Mode.FULL);
    assertThat(reports.get("a").reason()).startsWith("the decoder is ");
    assertThat(reports.get("b").reason())
        .as("it reads a stream table alone: its delta is what was written there")
        .doesNotStartWith("the decoder is ");
    assertThat(reports.get("c").reason()).startsWith("the decoder is ");
    assertThat(freshet.rows("SELECT DISTINCT snapshot::text FROM freshet.frontier")).hasSize(1);
    catchUp();
    assertThat(refreshAll(Optional.empty()).values())
        .as("what arrives late was seen already")
        .extracting(RefreshReport::mode)
        .containsOnly(Mode.NOOP);
    freshet.sql("UPDATE orders SET amount = 0 WHERE id = 1");
    assertThat(freshet.refreshIncrementally("b").mode()).isEqualTo(Mode.INCREMENTAL);
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }
}
