package dev.freshet.bench.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SourceTablesTest {
  private static final int ROWS = 1_000;

  private Database database;
  private Connection connection;

  @BeforeEach
  void connect() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    connection = database.connect();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    database.close();
  }

  private List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }

  @Test
  void fillsSrcByTheFormulas() throws SQLException {
    SourceTables.create(connection, ROWS, 1);
    List<String> expected = new ArrayList<>();
    for (long i = 1; i <= ROWS; i++) {
      expected.add(
          "(%d,%s,%s,%d,%d)"
              .formatted(
                  i,
                  List.of("north", "south", "east", "west", "central").get((int) (i % 5)),
                  List.of("A", "B", "C", "D").get((int) (i % 4)),
                  (i * 17 + 13) % 10_000,
                  (i * 31 + 7) % 100));
    }
    assertThat(rows("SELECT src::text FROM src ORDER BY id")).isEqualTo(expected);
  }

  @Test
  void givesDimOneRowPerRegion() throws SQLException {
    SourceTables.create(connection, 10, 1);
    assertThat(rows("SELECT region || ' ' || multiplier FROM dim ORDER BY id"))
        .containsExactly("north 1.0", "south 1.0", "east 1.0", "west 1.0", "central 1.0");
  }

  @Test
  void hasNoIndexButThePrimaryKeys() throws SQLException {
    SourceTables.create(connection, 10, 1);
    assertThat(
            rows("SELECT indexname FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"))
        .containsExactly("dim_pkey", "src_pkey");
  }

  @Test
  void declaresTheColumnsOfThePage() throws SQLException {
    SourceTables.create(connection, 10, 1);
    String columns =
        """
        SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod)
                 || CASE WHEN attnotnull THEN ' not null' ELSE '' END, ', ' ORDER BY attnum)
        FROM pg_attribute WHERE attrelid = '%s'::regclass AND attnum > 0\
        """;
    assertThat(rows(columns.formatted("src")))
        .containsExactly(
            "id integer not null, region text not null, category text not null,"
                + " amount integer not null, score integer not null");
    assertThat(rows(columns.formatted("dim")))
        .containsExactly(
            "id integer not null, region text not null, region_name text not null,"
                + " multiplier numeric not null");
  }

  @Test
  void updatesSeventyDeletesFifteenInsertsFifteenPercent() throws SQLException {
    SourceTables source = SourceTables.create(connection, ROWS, 1);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE before AS SELECT * FROM src");
    }
    assertThat(source.change(100)).isEqualTo(100);
    assertThat(rows("SELECT count(*) FROM src WHERE id > " + ROWS)).containsExactly("15");
    assertThat(rows("SELECT count(*) FROM before WHERE id NOT IN (SELECT id FROM src)"))
        .containsExactly("15");
    int updated =
        Integer.parseInt(
            rows("SELECT count(*) FROM src JOIN before b USING (id) WHERE src.amount = b.amount +"
                    + " 1")
                .getFirst());
    assertThat(updated).as("updated and not deleted afterwards").isBetween(45, 70);
    assertThat(source.rows()).isEqualTo(ROWS);
  }

  @Test
  void repeatsItsChangesForTheSameSeed() throws SQLException {
    SourceTables.create(connection, "one", ROWS, 42).change(100);
    SourceTables.create(connection, "two", ROWS, 42).change(100);
    SourceTables.create(connection, "other", ROWS, 43).change(100);
    assertThat(rows("SELECT count(*) FROM (TABLE one EXCEPT TABLE two) AS d")).containsExactly("0");
    assertThat(rows("SELECT count(*) FROM (TABLE one EXCEPT TABLE other) AS d"))
        .isNotEqualTo(List.of("0"));
  }

  @ParameterizedTest
  @EnumSource(Scenario.class)
  void aMaterializedViewCanHaveTheStreamTablesIdentityAsUniqueIndex(Scenario scenario)
      throws SQLException {
    SourceTables.create(connection, ROWS, 1);
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE MATERIALIZED VIEW mv AS " + scenario.materializedQuery());
      statement.execute("CREATE UNIQUE INDEX ON mv (%s)".formatted(scenario.identity()));
      statement.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY mv");
    }
    assertThat(rows("SELECT count(*) FROM mv"))
        .isEqualTo(rows("SELECT count(*) FROM (%s) AS q".formatted(scenario.query())));
  }
}
