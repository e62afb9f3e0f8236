package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the slices that compare with the table's own rows ask of their sources, and store. */
class AffectedRowsTest {
  private Database database;
  private Connection connection;

  @BeforeEach
  void createTables() throws Exception {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE item (id int PRIMARY KEY, sort int, at int NOT NULL, price int)",
        "CREATE TABLE sort (id int PRIMARY KEY, name text)",
        "INSERT INTO item SELECT i, i % 3, i, i FROM generate_series(1, 9) i",
        "INSERT INTO sort VALUES (1, 'one'), (2, 'two')");
    connection = database.connect();
  }

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  private List<String> sourcesWhoseOldValuesAreNeeded(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      return rig.compiled.deltaNeeds().stream()
          .filter(DeltaNeed::needsOldValues)
          .map(need -> need.source().name().table())
          .toList();
    }
  }

  private List<String> hidden(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      return rig.compiled.layout().columns().stream()
          .filter(StorageLayout.Column::hidden)
          .map(StorageLayout.Column::meaning)
          .toList();
    }
  }

  private static Stream<OperatorNote> all(OperatorNote note) {
    return Stream.concat(Stream.of(note), note.inputs().stream().flatMap(AffectedRowsTest::all));
  }

  private boolean runs(String query) throws Exception {
    try (var rig = new Rig(connection, query)) {
      return all(rig.compiled.explain()).anyMatch(n -> n.reason().contains("run along the order"));
    }
  }

  @Test
  void rowsOfASubQueryAreToldByTheirKeys() throws Exception {
    assertThat(
            sourcesWhoseOldValuesAreNeeded(
                "SELECT at FROM item WHERE NOT EXISTS (SELECT FROM sort WHERE sort.id ="
                    + " item.sort)"))
        .containsExactly("sort");
  }

  @Test
  void rowsWithOnePartnerAreToldByTheirKeys() throws Exception {
    assertThat(
            sourcesWhoseOldValuesAreNeeded(
                "SELECT at, name FROM item LEFT JOIN sort ON sort.id = item.sort"))
        .containsExactly("sort");
  }

  @Test
  void rowsWithManyPartnersAreCounted() throws Exception {
    assertThat(
            sourcesWhoseOldValuesAreNeeded(
                "SELECT at, name FROM sort LEFT JOIN item ON sort.id = item.sort"))
        .containsExactlyInAnyOrder("item", "sort");
  }

  @Test
  void keysThatAreNotSelectedAreStored() throws Exception {
    assertThat(hidden("SELECT at, name FROM item LEFT JOIN sort ON sort.id = item.sort"))
        .containsExactly("key item.id");
    assertThat(hidden("SELECT id, name FROM item LEFT JOIN sort USING (id)")).isEmpty();
  }

  @Test
  void windowsRunAlongOneOrderOfAllRows() throws Exception {
    assertThat(runs("SELECT id, sum(price) OVER (ORDER BY at) AS s FROM item")).isTrue();
    assertThat(runs("SELECT id, lag(price) OVER (PARTITION BY sort ORDER BY at) AS s FROM item"))
        .isTrue();
    assertThat(runs("SELECT id, ntile(2) OVER (ORDER BY at) AS s FROM item")).isFalse();
    assertThat(runs("SELECT id, sum(price::float8) OVER (ORDER BY at) AS s FROM item")).isFalse();
    assertThat(
            runs(
                "SELECT id, rank() OVER (ORDER BY at) AS a, rank() OVER (ORDER BY price) AS b"
                    + " FROM item"))
        .isFalse();
    assertThat(
            runs(
                "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY at) AS nr FROM item) s"
                    + " WHERE nr < 3"))
        .isFalse();
  }

  @Test
  void whatIsCarriedOnIsStoredOnce() throws Exception {
    assertThat(
            hidden(
                "SELECT id, at, rank() OVER w AS r, count(*) OVER w AS n, avg(price) OVER w AS mean"
                    + " FROM item WINDOW w AS (ORDER BY at)"))
        .hasSize(3);
  }
}
