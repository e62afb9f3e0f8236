package dev.freshet.chaos;

import dev.freshet.chaos.Refills.Expected;
import java.sql.SQLException;
import java.util.Random;

/** Harm to the slot, the publication and the change buffer. */
final class CaptureFaults {
  /** Beyond {@link Configuration#BUFFER}. */
  private static final String BURST =
      """
      INSERT INTO item SELECT i, i % 7, 'burst', 1, 1, 0, repeat('b', 1000)
      FROM generate_series(1000001, 1008000) i\
      """;

  private static final String OF_SLOT = " FROM pg_replication_slots WHERE slot_name = 'freshet'";

  private CaptureFaults() {}

  /** The engine connects again at once: a wait between its end and the drop would lose the race. */
  static Expected dropSlot(Stage stage, Random random) throws SQLException {
    stage.execute(
        """
        DO $$ BEGIN
          LOOP
            PERFORM pg_terminate_backend(active_pid)
              FROM pg_replication_slots WHERE slot_name = '%1$s';
            BEGIN
              PERFORM pg_drop_replication_slot('%1$s');
              EXIT;
            EXCEPTION WHEN object_in_use THEN
              PERFORM pg_sleep(0.001);
            END;
          END LOOP;
        END $$
        """
            .formatted(Stage.SLOT));
    return Expected.all();
  }

  /** The server gives up the log that the slot needs, while the engine cannot follow. */
  static Expected invalidateSlot(Stage stage, Random random) throws SQLException {
    stage.engines().serving().holdUp();
    stage.configure("max_slot_wal_keep_size", "16MB");
    stage.until(
        "SELECT wal_status = 'lost'" + OF_SLOT,
        "CREATE TABLE filling (); DROP TABLE filling",
        "SELECT pg_switch_wal()",
        "CHECKPOINT");
    stage.configure("max_slot_wal_keep_size", "");
    stage.engines().serving().letGo();
    return Expected.all();
  }

  /** PostgreSQL 18 gives up a slot that nobody has used for a while. */
  static Expected forgetSlot(Stage stage, Random random) throws SQLException {
    stage.engines().serving().kill();
    stage.configure("idle_replication_slot_timeout", "1s");
    stage.until("SELECT invalidation_reason = 'idle_timeout'" + OF_SLOT, "CHECKPOINT");
    stage.configure("idle_replication_slot_timeout", "");
    stage.engines().startAgain();
    return Expected.all();
  }

  static Expected takeFromPublication(Stage stage, Random random) throws SQLException {
    stage.execute("ALTER PUBLICATION %s DROP TABLE account".formatted(Stage.PUBLICATION));
    stage.execute("UPDATE account SET owner = owner || '.' WHERE id = 1");
    Stage.lingerOrNot(random, 1500);
    if (stage.holds(
        "SELECT NOT EXISTS (SELECT FROM pg_publication_tables WHERE tablename = 'account')")) {
      stage.execute("ALTER PUBLICATION %s ADD TABLE account".formatted(Stage.PUBLICATION));
    }
    return Expected.of("account");
  }

  /** What memory does not hold is staged; nothing is given up for it. */
  static Expected overflow(Stage stage, Random random) throws SQLException {
    stage.execute(BURST);
    Stage.linger(random, 0, 500);
    stage.execute("DELETE FROM item WHERE id > 1000000");
    return Expected.staged("item");
  }
}
