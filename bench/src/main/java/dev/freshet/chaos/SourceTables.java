package dev.freshet.chaos;

import java.util.List;

/**
 * The tables that writers change. Their sizes stay what they are, however long a run lasts, but for
 * the lists; so every audit costs the same.
 */
final class SourceTables {
  static final int ACCOUNTS = 120;
  static final int BRANCHES = 6;
  static final int ITEMS = 300;
  static final int NODES = 120;
  static final int READINGS = 60;

  /** Days 0 to 2, each a partition. */
  static final int DAYS = 3;

  static final long TOTAL = ACCOUNTS * 1_000L;

  /** All of them, by which a refill is judged. */
  static final List<String> NAMES =
      List.of("account", "branch", "append", "item", "tag", "edge", "reading");

  static final List<String> DDL =
      List.of(
          "CREATE TABLE branch (id int PRIMARY KEY, name text NOT NULL)",
          "INSERT INTO branch SELECT i, 'branch ' || i FROM generate_series(1, %d) i"
              .formatted(BRANCHES),
          """
          CREATE TABLE account (id int PRIMARY KEY, branch int NOT NULL, owner text NOT NULL,
            balance bigint NOT NULL)
          """,
          """
          INSERT INTO account SELECT i, 1 + i %% %d, 'owner ' || i, 1000
          FROM generate_series(1, %d) i
          """
              .formatted(BRANCHES, ACCOUNTS),
          """
          CREATE TABLE append (list int NOT NULL, n int NOT NULL, remark text,
            PRIMARY KEY (list, n))
          """,
          """
          CREATE TABLE item (id int PRIMARY KEY, grp int, name text, price numeric, qty int,
            unread int, body text)
          """,
          "ALTER TABLE item ALTER COLUMN body SET STORAGE EXTERNAL",
          """
          INSERT INTO item SELECT i, nullif(i %% 7, 0), 'item ' || i, i %% 50 + 0.5, i %% 9, 0,
            repeat(md5(i::text), 80)
          FROM generate_series(1, %d) i
          """
              .formatted(ITEMS),
          "INSERT INTO item VALUES (-1, -1, 'marker', 1000000, 0, 0, '')",
          "CREATE TABLE tag (item int, label text)",
          """
          INSERT INTO tag SELECT 1 + i * 7 %% %d, nullif('label ' || i %% 5, 'label 0')
          FROM generate_series(1, 2 * %1$d) i
          """
              .formatted(ITEMS),
          "CREATE INDEX ON tag (item)",
          "CREATE TABLE edge (child int PRIMARY KEY, parent int NOT NULL, weight int NOT NULL)",
          "CREATE INDEX ON edge (parent)",
          """
          INSERT INTO edge SELECT i, i / 3, i %% 10 FROM generate_series(1, %d) i
          """
              .formatted(NODES),
          """
          CREATE TABLE reading (day int NOT NULL, id int NOT NULL, sensor int NOT NULL,
            value int NOT NULL, PRIMARY KEY (day, id)) PARTITION BY LIST (day)
          """,
          "CREATE TABLE reading_0 PARTITION OF reading FOR VALUES IN (0)",
          "CREATE TABLE reading_1 PARTITION OF reading FOR VALUES IN (1)",
          "CREATE TABLE reading_2 PARTITION OF reading FOR VALUES IN (2)",
          """
          INSERT INTO reading SELECT d, i, i %% 8, i * 17 %% 100
          FROM generate_series(0, %d) d, generate_series(1, %d) i
          """
              .formatted(DAYS - 1, READINGS),
          "INSERT INTO reading VALUES (0, -1, -1, 0)");

  private SourceTables() {}
}
