package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.freshet.engine.control.AuditReport;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A partitioned source is one table: its changes arrive as of the root. */
@ExtendWith(FreshetExtension.class)
class PartitionsTest {
  private Freshet freshet;

  @BeforeEach
  void makeSources(Freshet given) throws SQLException {
    freshet = given;
    freshet.sql(
        "CREATE TABLE p (id int, day int, v int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10)",
        """
        CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY LIST (day)\
        """,
        "CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN (10, 11, 12, 13, 14)",
        "CREATE TABLE p2b PARTITION OF p2 DEFAULT",
        "INSERT INTO p SELECT i, i, i FROM generate_series(0, 19) i");
  }

  private void createBoth() {
    freshet.create("st", "SELECT id, day, v FROM p");
    freshet.create("sums", "SELECT day % 3 AS d, sum(v) AS v, count(*) AS n FROM p GROUP BY 1");
  }

  @Test
  void changesOfAnyPartitionAreFollowed() throws SQLException {
    createBoth();
    freshet.sql(
        "UPDATE p SET v = v + 1 WHERE day IN (1, 11, 19)",
        "UPDATE p SET day = 15 WHERE id = 3",
        "INSERT INTO p2a VALUES (100, 12, 1)",
        "DELETE FROM p1 WHERE id = 4");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void partitionWithRowsIsAttachedAndDetached() throws SQLException {
    createBoth();
    freshet.sql(
        "CREATE TABLE p3 (id int NOT NULL, day int NOT NULL, v int, PRIMARY KEY (id, day))",
        "INSERT INTO p3 VALUES (200, 20, 20)",
        "ALTER TABLE p ATTACH PARTITION p3 FOR VALUES FROM (20) TO (30)");
    everythingIsEqual();
    freshet.sql("INSERT INTO p VALUES (201, 21, 1)", "UPDATE p3 SET v = 2 WHERE id = 200");
    freshet.follow("st");
    freshet.follow("sums");
    freshet.sql("ALTER TABLE p DETACH PARTITION p1", "UPDATE p1 SET v = 1000");
    everythingIsEqual();
    assertThat(freshet.rows("SELECT * FROM st WHERE day < 10")).isEmpty();
    freshet.sql("INSERT INTO p VALUES (202, 12, 1)");
    freshet.follow("st");
    freshet.follow("sums");
  }

  /** Between two refreshes, so that none sees it gone: it has the same files before and after. */
  @Test
  void partitionThatWasChangedWhileDetachedIsNoticed() throws SQLException {
    createBoth();
    freshet.sql(
        "ALTER TABLE p DETACH PARTITION p1",
        "UPDATE p1 SET v = v + 1000",
        "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (0) TO (10)");
    everythingIsEqual();
    assertThat(freshet.rows("SELECT * FROM st WHERE v >= 1000")).hasSize(10);
    freshet.sql(
        "ALTER TABLE p2 DETACH PARTITION p2a",
        "DELETE FROM p2a WHERE day = 12",
        "ALTER TABLE p2 ATTACH PARTITION p2a FOR VALUES IN (10, 11, 12, 13, 14)");
    everythingIsEqual();
    freshet.sql("UPDATE p SET v = 0 WHERE day = 3");
    freshet.follow("st");
    freshet.follow("sums");
  }

  @Test
  void partitionThatIsDetachedConcurrentlyIsMissed() throws SQLException {
    createBoth();
    freshet.sql(
        "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
        "UPDATE p1 SET v = 1000",
        "UPDATE p SET v = 7 WHERE day = 11");
    everythingIsEqual();
    assertThat(freshet.rows("SELECT * FROM st WHERE day < 10")).isEmpty();
    freshet.sql("UPDATE p SET v = 8 WHERE day = 11");
    freshet.follow("sums");
  }

  @Test
  void emptyPartitionIsCreatedAndDropped() throws SQLException {
    createBoth();
    freshet.sql(
        "CREATE TABLE p3 PARTITION OF p FOR VALUES FROM (20) TO (30)",
        "INSERT INTO p VALUES (1, 25, 1)");
    everythingIsEqual();
    freshet.sql("UPDATE p SET v = 2 WHERE day = 25");
    freshet.follow("sums");
    freshet.sql("DROP TABLE p3", "DROP TABLE p2");
    everythingIsEqual();
  }

  /** A truncated partition is not in the log at all under publish_via_partition_root. */
  @Test
  void truncatedPartitionIsNoticed() throws SQLException {
    createBoth();
    freshet.sql("TRUNCATE p2a");
    everythingIsEqual();
    assertThat(freshet.rows("SELECT * FROM st")).hasSize(15);
    freshet.sql("TRUNCATE p", "INSERT INTO p VALUES (1, 1, 1)");
    everythingIsEqual();
  }

  @Test
  void tableThatBecomesPartitionedIsFollowed() throws SQLException {
    freshet.sql("CREATE TABLE t (id int PRIMARY KEY, v int)", "INSERT INTO t VALUES (1, 1)");
    freshet.create("st", "SELECT id, v FROM t");
    freshet.sql(
        "ALTER TABLE t RENAME TO t_old",
        "CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id)",
        "ALTER TABLE t ATTACH PARTITION t_old FOR VALUES FROM (0) TO (10)",
        "CREATE TABLE t_new PARTITION OF t FOR VALUES FROM (10) TO (20)",
        "INSERT INTO t VALUES (2, 2), (12, 12)");
    everythingIsEqual();
    freshet.sql("UPDATE t SET v = v + 1");
    freshet.follow("st");
  }

  @Test
  void publicationThatPublishesPartitionsIsRefusedOrMended() throws SQLException {
    assumeFalse(freshet.usesTriggers(), "triggers need no publication");
    String publication = freshet.config().cdc().publicationName();
    freshet.sql(
        "ALTER PUBLICATION %s SET (publish_via_partition_root = false)".formatted(publication));
    assertThatThrownBy(this::createBoth)
        .isInstanceOf(FreshetException.class)
        .hasMessageContaining("publish_via_partition_root");
    freshet.sql(
        "ALTER PUBLICATION %s SET (publish_via_partition_root = true)".formatted(publication));
    createBoth();
  }

  private void everythingIsEqual() {
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }
}
