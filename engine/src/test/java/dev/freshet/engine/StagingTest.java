package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Stream tables whose changes wait in the database, and the bound of the log that waits. */
class StagingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Map<String, String> TINY =
      Map.of("cdc.buffer.mode", "staging", "cdc.buffer.max-memory", "1MB");

  private final long seed = Long.getLong("freshet.seed", System.nanoTime());

  private static Freshet orders(Map<String, String> settings) throws SQLException {
    Freshet freshet = Freshet.on(SharedServer.of(PgVersion.V18), settings);
    freshet.sql(
        "CREATE TABLE orders (id int PRIMARY KEY, region text, amount int)",
        "CREATE TABLE regions (region text PRIMARY KEY, name text)",
        "INSERT INTO regions SELECT 'r' || i, 'region ' || i FROM generate_series(0, 9) i",
        "INSERT INTO orders SELECT i, 'r' || i % 10, i FROM generate_series(1, 2000) i",
        "ANALYZE");
    return freshet;
  }

  private static void createAll(Freshet freshet) {
    freshet.create("big", "SELECT id, region, amount FROM orders WHERE amount > 700");
    freshet.create(
        "sums", "SELECT region, sum(amount) AS total, count(*) AS n FROM orders GROUP BY region");
    freshet.create(
        "named",
        "SELECT r.name, max(o.amount) AS most FROM orders o JOIN regions r ON r.region = o.region"
            + " GROUP BY r.name");
  }

  private static EngineStatus.StagedChanges staged(Freshet freshet) {
    return freshet.engine().status().staged();
  }

  private static void awaitStaged(Freshet freshet) {
    await()
        .atMost(PATIENCE)
        .until(() -> staged(freshet).bytes() > 0 && freshet.engine().status().bufferedBytes() == 0);
  }

  /** Some transactions of every kind. */
  private static void change(Freshet freshet, Random random) throws SQLException {
    for (int i = 0; i < 12; i++) {
      int low = random.nextInt(2000);
      freshet.sql(
          switch (random.nextInt(4)) {
            case 0 -> "DELETE FROM orders WHERE id BETWEEN %d AND %d".formatted(low, low + 150);
            case 1 ->
                "INSERT INTO orders SELECT i, 'r' || i %% 7, i %% 1000 FROM generate_series(%d, %d) i"
                        .formatted(low, low + 300)
                    + " ON CONFLICT (id) DO UPDATE SET amount = excluded.amount + 1";
            case 2 -> "UPDATE orders SET amount = amount + 1";
            default ->
                "UPDATE orders SET region = 'r%d' WHERE id %% 11 = %d"
                    .formatted(random.nextInt(10), random.nextInt(11));
          });
    }
  }

  @Test
  void everythingIsFollowedIncrementallyThoughItDoesNotFitIntoMemory() throws Exception {
    System.out.println("StagingTest seed " + seed);
    Random random = new Random(seed);
    try (Freshet freshet = orders(TINY)) {
      createAll(freshet);
      for (int round = 0; round < 4; round++) {
        change(freshet, random);
        freshet.follow("big");
        freshet.follow("sums");
        freshet.follow("named");
      }
      assertThat(staged(freshet).failure()).isEmpty();
      change(freshet, random);
      awaitStaged(freshet);
      freshet.restartEngine(TINY);
      change(freshet, random);
      freshet.follow("big");
      freshet.follow("sums");
      freshet.follow("named");
    }
  }

  @Test
  void pausedStreamTableDoesNotHoldTheLogBack() throws Exception {
    try (Freshet freshet = orders(TINY)) {
      createAll(freshet);
      freshet.engine().execute(new Command.Pause(List.of("sums")));
      freshet.sql("UPDATE orders SET amount = amount + 1", "UPDATE orders SET amount = amount + 1");
      String written = position(freshet, "pg_current_wal_insert_lsn()");
      awaitConfirmed(freshet, written);

      freshet.engine().execute(new Command.Resume(List.of("sums")));
      assertThat(freshet.follow("sums").changes()).isEqualTo(4000);
    }
  }

  private static String position(Freshet freshet, String function) throws SQLException {
    return freshet.rows("SELECT " + function + "::text").getFirst().replaceAll("[()]", "");
  }

  /** More log than the step in which the slot moves, none of it published. */
  private static void awaitConfirmed(Freshet freshet, String position) throws SQLException {
    freshet.sql(
        "CREATE TABLE noise (t text)",
        "INSERT INTO noise SELECT repeat('x', 1000) FROM generate_series(1, 3000)");
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        freshet.rows(
                            "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots"
                                    .formatted(position)
                                + " WHERE slot_name = '"
                                + freshet.config().cdc().slotName()
                                + "'"))
                    .containsExactly("(t)"));
  }

  @Test
  void trafficThatNobodyReadsDoesNotPinTheLog() throws Exception {
    try (Freshet freshet = orders(Map.of());
        Database other = SharedServer.of(PgVersion.V18).freshDatabase()) {
      createAll(freshet);
      other.execute(
          "CREATE TABLE noise AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
      awaitConfirmed(freshet, position(freshet, "pg_current_wal_insert_lsn()"));
    }
  }

  @Test
  void whatHoldsBackMoreLogThanAllowedIsGivenUpIfItCannotBeStaged() throws Exception {
    try (Freshet freshet =
        orders(Map.of("cdc.buffer.mode", "memory", "cdc.max-retained-wal", "16MB"))) {
      createAll(freshet);
      freshet.create("calm", "SELECT region FROM regions");
      freshet.sql("UPDATE orders SET amount = amount + 1 WHERE id < 10");
      String written = position(freshet, "pg_current_wal_insert_lsn()");
      freshet.sql(
          "CREATE TABLE much (t text)",
          "INSERT INTO much SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
      awaitConfirmed(freshet, written);

      assertThat(staged(freshet).givenUp()).isEqualTo(3);
      RefreshReport report = freshet.refresh("sums");
      assertThat(report.mode()).isEqualTo(Mode.FULL);
      assertThat(report.reason()).contains("held back too much log");
      assertThat(freshet.refresh("calm").mode())
          .as("the others are not touched")
          .isEqualTo(Mode.NOOP);
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
      freshet.sql("UPDATE orders SET amount = 0 WHERE id = 5");
      freshet.follow("sums");
    }
  }

  @Test
  void logIsReleasedByStagingBeforeTheBudgetIsExceeded() throws Exception {
    try (Freshet freshet = orders(Map.of("cdc.max-retained-wal", "16MB"))) {
      createAll(freshet);
      freshet.sql("UPDATE orders SET amount = amount + 1 WHERE id < 10");
      String written = position(freshet, "pg_current_wal_insert_lsn()");
      freshet.sql(
          "CREATE TABLE much (t text)",
          "INSERT INTO much SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
      awaitConfirmed(freshet, written);

      assertThat(staged(freshet).givenUp()).isZero();
      freshet.follow("sums");
      freshet.follow("named");
    }
  }
}
