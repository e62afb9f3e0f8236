package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.DeltaBinding.Form;
import dev.freshet.sql.SourceTable.Column;
import dev.freshet.sql.SourceTable.Kind;
import dev.freshet.sql.SourceTable.ReplicaIdentity;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one level's refresh writes, as the next level's delta. */
class AppliedChangesTest {
  private static final Column ID = column("id", "integer", "int4", true);
  private static final Column AMOUNT = column("amount", "numeric", "numeric", true);
  private static final Column NAME = column("name", "character varying(5)", "varchar", true);
  private static final Column DOCUMENT = column("document", "json", "json", false);

  private Database database;
  private Connection connection;
  private SourceTable upstream;

  private static Column column(String name, String type, String base, boolean comparable) {
    return new Column(
        name, new ColumnType(type, 0, base, comparable, comparable, false), false, false);
  }

  @BeforeEach
  void createTable() throws SQLException {
    database = SharedServer.of(PgVersion.V18).freshDatabase();
    database.execute(
        "CREATE TABLE up (id int, amount numeric, name varchar(5) COLLATE \"C\", document json)");
    connection = database.connect();
    connection.setAutoCommit(false);
    upstream =
        new SourceTable(
            (int) 4_000_000_000L,
            new TableName("public", "up"),
            Kind.TABLE,
            List.of(ID, AMOUNT, NAME, DOCUMENT),
            List.of("id"),
            ReplicaIdentity.DEFAULT,
            -1);
  }

  @AfterEach
  void dropDatabase() throws SQLException {
    connection.close();
    database.close();
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> rows(String sql) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT r::text FROM (" + sql + ") r ORDER BY 1")) {
      while (row.next()) {
        rows.add(row.getString(1));
      }
    }
    return rows;
  }

  private DeltaNeed.Weighted weighted(String... columns) {
    return new DeltaNeed.Weighted(upstream, List.of(columns));
  }

  private AppliedChanges captured(DeltaNeed need, String... rows) throws SQLException {
    AppliedChanges changes = AppliedChanges.of(upstream, List.of(need));
    run(changes.create().sql());
    for (String row : rows) {
      run("INSERT INTO " + changes.table() + " VALUES " + row);
    }
    return changes;
  }

  private List<String> delta(DeltaNeed need, String... rows) throws SQLException {
    return rows("SELECT * FROM " + captured(need, rows).binding(need).quotedName() + " AS d");
  }

  @Test
  void tableIsNamedByTheOidAsAnUnsignedNumber() {
    assertThat(new AppliedChanges(upstream, List.of()).table())
        .isEqualTo("__freshet_applied_4000000000");
  }

  @Test
  void columnsAreThoseThatAnyDependentReadsOnce() {
    AppliedChanges changes =
        AppliedChanges.of(
            upstream,
            List.of(
                weighted("id", "name"),
                weighted("name", "amount"),
                new DeltaNeed.Keyed(upstream, List.of("id", "document"), List.of("id"))));
    assertThat(changes.columns()).containsExactly("id", "name", "amount", "document");
  }

  @Test
  void temporaryTableKeepsTypesModifiersAndCollations() throws SQLException {
    AppliedChanges changes = captured(weighted("name", "amount"));
    assertThat(
            rows(
                "SELECT attname, format_type(atttypid, atttypmod), attcollation::regcollation FROM"
                    + " pg_attribute WHERE attrelid = '"
                    + changes.table()
                    + "'::regclass AND attnum > 0"))
        .containsExactly(
            "(__freshet_weight,bigint,-)",
            "(amount,numeric,-)",
            "(name,\"character varying(5)\",\"\"\"C\"\"\")");
  }

  @Test
  void rowThatWentAndCameBackIsNoChange() throws SQLException {
    assertThat(delta(weighted("id"), "(1, -1), (1, 1)", "(2, 1), (2, 1)", "(3, -1)"))
        .containsExactly("(2,2)", "(3,-1)");
  }

  @Test
  void equalIsNotIdentical() throws SQLException {
    assertThat(delta(weighted("amount"), "(1.0, -1), (1.00, 1)", "(2.5, -1), (2.5, 1)"))
        .containsExactly("(1.0,-1)", "(1.00,1)");
  }

  @Test
  void typeWithoutEqualityIsToldApartByItsText() throws SQLException {
    assertThat(
            delta(
                weighted("id", "document"),
                "(1, '{\"a\":1}', -1), (1, '{\"a\":1}', 1)",
                "(2, '{\"a\":1}', -1), (2, '{\"a\": 1}', 1)"))
        .containsExactly("(2,\"{\"\"a\"\": 1}\",1)", "(2,\"{\"\"a\"\":1}\",-1)");
  }

  @Test
  void nullsAreTheSameToo() throws SQLException {
    assertThat(delta(weighted("id", "name"), "(1, NULL, -1), (1, NULL, 1)", "(NULL, 'x', 1)"))
        .containsExactly("(,x,1)");
  }

  @Test
  void whoReadsNoColumnIsToldTheNumberOfRows() throws SQLException {
    assertThat(delta(weighted(), "(1), (1), (-1)")).containsExactly("(1)");
  }

  @Test
  void keyedDeltaIsTheNewestRowOfEachKeyOrItsEnd() throws SQLException {
    DeltaNeed.Keyed keyed = new DeltaNeed.Keyed(upstream, List.of("id", "name"), List.of("id"));
    assertThat(
            delta(
                keyed,
                "(1, 'old', -1), (1, 'new', 1)",
                "(2, 'gone', -1)",
                "(3, 'here', 1)",
                "(4, 'same', -1), (4, 'same', 1)"))
        .containsExactly("(1,new,t)", "(2,gone,f)", "(3,here,t)");
  }

  @Test
  void bindingHasTheFormOfTheNeed() {
    AppliedChanges changes = new AppliedChanges(upstream, List.of("id", "amount"));
    assertThat(changes.binding(weighted("id")).form()).isEqualTo(Form.WEIGHTED);
    assertThat(changes.binding(new DeltaNeed.Keyed(upstream, List.of("id"), List.of("id"))).form())
        .isEqualTo(Form.KEYED);
    assertThat(
            changes
                .binding(
                    new DeltaNeed.Reduced(
                        upstream, List.of("id"), List.of("amount"), weighted("id", "amount")))
                .form())
        .as("rows are added up by the server, not beforehand")
        .isEqualTo(Form.WEIGHTED);
  }

  @Test
  void unknownColumnIsRefused() {
    AppliedChanges changes = new AppliedChanges(upstream, List.of("id"));
    assertThatThrownBy(() -> changes.binding(weighted("nothing")))
        .hasMessageContaining("has no column nothing");
    assertThat(Set.of(changes)).contains(new AppliedChanges(upstream, List.of("id")));
  }
}
