package dev.freshet.chaos;

import dev.freshet.chaos.Refills.Expected;
import java.sql.SQLException;
import java.util.Random;

/** Alterations of sources, under their writers. */
final class SourceFaults {
  private SourceFaults() {}

  /** Columns that no query reads. */
  static Expected addAndDropColumn(Stage stage, Random random) throws SQLException {
    stage.alter("ALTER TABLE item ADD COLUMN extra int DEFAULT 7");
    Stage.linger(random, 100, 600);
    stage.alter("ALTER TABLE item DROP COLUMN extra");
    return Expected.none();
  }

  static Expected renameColumn(Stage stage, Random random) throws SQLException {
    stage.alter("ALTER TABLE edge RENAME COLUMN weight TO heft");
    Stage.linger(random, 100, 1200);
    stage.alter("ALTER TABLE edge RENAME COLUMN heft TO weight");
    return Expected.of("edge");
  }

  /** All values change without any row event. */
  static Expected rewriteColumn(Stage stage, Random random) throws SQLException {
    stage.alter("ALTER TABLE item ALTER COLUMN price TYPE numeric USING price + 1");
    return Expected.of("item");
  }

  static Expected truncate(Stage stage, Random random) throws SQLException {
    stage.alter(
        """
        BEGIN;
        INSERT INTO tag VALUES (1, 'lost');
        TRUNCATE tag;
        INSERT INTO tag SELECT 1 + i * 7 %% %d, 'label ' || i %% 5 FROM generate_series(1, 500) i;
        COMMIT\
        """
            .formatted(SourceTables.ITEMS));
    return Expected.of("tag");
  }

  /** Old values are missing in the log meanwhile. */
  static Expected changeIdentity(Stage stage, Random random) throws SQLException {
    boolean full =
        stage.holds("SELECT relreplident = 'f' FROM pg_class WHERE oid = 'account'::regclass");
    stage.alter("ALTER TABLE account REPLICA IDENTITY " + (full ? "DEFAULT" : "FULL"));
    stage.execute(
        "UPDATE account SET branch = 1 + branch %% %d WHERE id = 1"
            .formatted(SourceTables.BRANCHES));
    Stage.lingerOrNot(random, 1000);
    stage.alter("ALTER TABLE account REPLICA IDENTITY " + (full ? "FULL" : "DEFAULT"));
    return Expected.of("account");
  }

  static Expected vacuumFull(Stage stage, Random random) throws SQLException {
    stage.alter("VACUUM FULL item");
    return Expected.of("item");
  }

  static Expected cluster(Stage stage, Random random) throws SQLException {
    stage.alter("CLUSTER account USING account_pkey");
    return Expected.of("account");
  }

  /** Rows go and come without any row event. */
  static Expected detachAndAttachPartition(Stage stage, Random random) throws SQLException {
    stage.alter("ALTER TABLE reading DETACH PARTITION reading_2");
    Stage.lingerOrNot(random, 800);
    stage.execute("UPDATE reading_2 SET value = value + 1");
    stage.alter("ALTER TABLE reading ATTACH PARTITION reading_2 FOR VALUES IN (2)");
    return Expected.of("reading");
  }
}
