package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** PostgreSQL functions take 100 arguments at most, and its lists 1,664 columns. */
@ExtendWith(FreshetExtension.class)
class LargeQueriesTest {
  private static final int TABLES = 60;
  private static final int COLUMNS = 250;

  /** As of somebody who has a table for each month. */
  @Test
  void unionOfManyTablesIsFollowed(Freshet freshet) throws SQLException {
    freshet.sql(
        IntStream.range(0, TABLES)
            .mapToObj(i -> "CREATE TABLE month%d (id int PRIMARY KEY, v int)".formatted(i))
            .toArray(String[]::new));
    freshet.create(
        "st",
        IntStream.range(0, TABLES)
            .mapToObj(i -> "SELECT id, v, %d AS month FROM month%d".formatted(i, i))
            .collect(Collectors.joining(" UNION ALL ")));
    freshet.sql("INSERT INTO month3 VALUES (1, 1)", "INSERT INTO month57 VALUES (1, 1), (2, 2)");
    freshet.follow("st");
    freshet.sql("TRUNCATE month57", "INSERT INTO month7 VALUES (5, 5)");
    freshet.refresh("st");
    assertThat(freshet.rows("SELECT month FROM st ORDER BY 1")).hasSize(2);
    assertThat(freshet.audit()).allMatch(AuditReport::equal);
  }

  @Test
  void wideTablesAreFollowed(Freshet freshet) throws SQLException {
    freshet.sql(
        "CREATE TABLE wide (id int PRIMARY KEY, %s)".formatted(columns("c%d int")),
        "CREATE TABLE keyless (g int, %s)".formatted(columns("c%d numeric")),
        "INSERT INTO wide SELECT i, %s FROM generate_series(1, 20) i".formatted(columns("i + %d")),
        "INSERT INTO keyless SELECT i %% 3, %s FROM generate_series(1, 20) i"
            .formatted(columns("i + %d")));
    freshet.create("st", "SELECT * FROM wide");
    freshet.create("copy", "SELECT * FROM keyless");
    freshet.create(
        "sums", "SELECT g, %s FROM keyless GROUP BY g".formatted(columns("sum(c%1$d) AS c%1$d")));
    freshet.create(
        "latest", "SELECT g, %s FROM keyless GROUP BY g".formatted(columns("max(c%1$d) AS c%1$d")));
    freshet.create(
        "matches", "SELECT w.*, k.g, k.c7 AS v FROM wide w LEFT JOIN keyless k ON w.c1 = k.c1");
    freshet.sql(
        "UPDATE wide SET c200 = -1 WHERE id < 5",
        "DELETE FROM wide WHERE id = 7",
        "INSERT INTO wide (id, c3) VALUES (100, 5)",
        "UPDATE keyless SET c249 = NULL WHERE c0 > 15",
        "DELETE FROM keyless WHERE c0 = 3",
        "INSERT INTO keyless (g, c1) VALUES (9, 5)");
    for (String table : List.of("st", "copy", "sums", "latest", "matches")) {
      freshet.follow(table);
    }
  }

  /** {@code format} for each column's number, separated by commas. */
  private static String columns(String format) {
    return IntStream.range(0, COLUMNS)
        .mapToObj(format::formatted)
        .collect(Collectors.joining(", "));
  }
}
