package dev.freshet.engine.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.refresh.Migration.WantedIndex;
import dev.freshet.engine.refresh.TableShape.Index;
import dev.freshet.sql.TableName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From one shape of a table to another: the DDL, without a server. */
class MigrationTest {
  private static final TableName TABLE = new TableName("public", "st");
  private static final int RELATION = 77;

  private static final Index KEY = new Index("st_freshet_key", true, " USING btree (id)");
  private static final Index BAG = new Index("st_freshet_bag", false, " USING btree (h)");
  private static final Index OWN = new Index("users_own", false, " USING btree (total)");

  private static Map<String, String> columns(String... namesAndTypes) {
    Map<String, String> columns = new LinkedHashMap<>();
    for (int i = 0; i < namesAndTypes.length; i += 2) {
      columns.put(namesAndTypes[i], namesAndTypes[i + 1]);
    }
    return columns;
  }

  private static TableShape shape(Map<String, String> columns, Index... indexes) {
    return new TableShape(columns, List.of(indexes));
  }

  private static WantedIndex wanted(Index index) {
    return new WantedIndex(index.name(), index, "CREATE " + index.name());
  }

  private static Migration migration(TableShape now, TableShape next, WantedIndex... wanted) {
    return Migration.of(TABLE, RELATION, now, next, List.of(wanted));
  }

  @Test
  void sameShapeNeedsNothing() {
    TableShape same = shape(columns("id", "integer"), KEY, OWN);
    assertThat(migration(same, same, wanted(KEY)))
        .isEqualTo(new Migration(List.of(), false, List.of(), List.of(), List.of(), List.of()));
  }

  @Test
  void columnThatComesIsAddedBeforeTheRows() {
    Migration migration =
        migration(
            shape(columns("id", "integer"), KEY),
            shape(columns("id", "integer", "n", "bigint")),
            wanted(KEY));
    assertThat(migration.cleared()).as("every row is written anew").isTrue();
    assertThat(migration.reshaped())
        .containsExactly("ALTER TABLE \"public\".\"st\" ADD COLUMN \"n\" bigint");
    assertThat(migration.renamed()).as("the index stays").isEmpty();
    assertThat(migration.dropped()).isEmpty();
  }

  @Test
  void columnOfAnotherTypeIsEmptiedAndComesFirst() {
    Migration migration =
        migration(
            shape(columns("id", "integer", "v", "integer")),
            shape(columns("id", "integer", "v", "text COLLATE pg_catalog.\"C\"", "w", "text")));
    assertThat(migration.reshaped())
        .containsExactly(
            "ALTER TABLE \"public\".\"st\" ALTER COLUMN \"v\" TYPE text COLLATE pg_catalog.\"C\""
                + " USING NULL, ADD COLUMN \"w\" text");
  }

  @Test
  void columnThatGoesIsDroppedLastAndClearsNothing() {
    Migration migration =
        migration(
            shape(columns("id", "integer", "a", "text", "b", "text"), KEY),
            shape(columns("id", "integer")),
            wanted(KEY));
    assertThat(migration.cleared()).isFalse();
    assertThat(migration.reshaped()).isEmpty();
    assertThat(migration.dropped())
        .containsExactly("ALTER TABLE \"public\".\"st\" DROP COLUMN \"a\", DROP COLUMN \"b\"");
  }

  @Test
  void otherOrderOfColumnsIsTheSameShape() {
    assertThat(
            migration(
                    shape(columns("a", "text", "b", "text")),
                    shape(columns("b", "text", "a", "text")))
                .cleared())
        .isFalse();
  }

  @Test
  void engineIndexThatIsNotWantedGoesLastAndIsOutOfTheWayBefore() {
    Migration migration =
        migration(
            shape(columns("id", "integer"), BAG, OWN),
            shape(columns("id", "integer")),
            wanted(KEY));
    assertThat(migration.renamed())
        .containsExactly(
            "ALTER INDEX \"public\".\"st_freshet_bag\" RENAME TO \"__freshet_old_77_0\"");
    assertThat(migration.built()).containsExactly("CREATE st_freshet_key");
    assertThat(migration.dropped())
        .containsExactly("DROP INDEX IF EXISTS \"public\".\"__freshet_old_77_0\"");
    assertThat(migration.going()).as("it is not unique: no new row can violate it").isEmpty();
  }

  @Test
  void uniqueIndexThatGoesMayHaveToGoBeforeTheRows() {
    Migration migration =
        migration(
            shape(columns("id", "integer"), KEY), shape(columns("id", "integer")), wanted(BAG));
    assertThat(migration.going())
        .containsExactly("DROP INDEX IF EXISTS \"public\".\"__freshet_old_77_0\"");
    assertThat(migration.dropped()).isEqualTo(migration.going());
  }

  @Test
  void whereEveryRowIsWrittenAnewIndexesGoFirst() {
    Migration migration =
        migration(
            shape(columns("id", "integer"), KEY),
            shape(columns("id", "integer", "n", "bigint")),
            wanted(BAG));
    assertThat(migration.reshaped())
        .containsExactly(
            "DROP INDEX IF EXISTS \"public\".\"__freshet_old_77_0\"",
            "ALTER TABLE \"public\".\"st\" ADD COLUMN \"n\" bigint");
    assertThat(migration.going()).isEmpty();
    assertThat(migration.dropped()).isEmpty();
  }

  @Test
  void indexThatDoesTheSameUnderAnotherNameIsRenamedByWayOfAThirdName() {
    Index first = new Index("st_freshet_source1", false, " USING btree (a)");
    Index second = new Index("st_freshet_source2", false, " USING btree (b)");
    Migration migration =
        migration(
            shape(columns("a", "integer", "b", "integer"), first, second),
            shape(columns("a", "integer", "b", "integer")),
            new WantedIndex("st_freshet_source2", first, "CREATE one"),
            new WantedIndex("st_freshet_source1", second, "CREATE two"));
    assertThat(migration.built()).isEmpty();
    assertThat(migration.renamed())
        .as("two that change names must not meet")
        .containsExactly(
            "ALTER INDEX \"public\".\"st_freshet_source1\" RENAME TO \"__freshet_old_77_0\"",
            "ALTER INDEX \"public\".\"st_freshet_source2\" RENAME TO \"__freshet_old_77_1\"",
            "ALTER INDEX \"public\".\"__freshet_old_77_0\" RENAME TO \"st_freshet_source2\"",
            "ALTER INDEX \"public\".\"__freshet_old_77_1\" RENAME TO \"st_freshet_source1\"");
  }

  @Test
  void uniquenessIsPartOfWhatAnIndexDoes() {
    Index plain = new Index("st_freshet_key", false, " USING btree (id)");
    Migration migration =
        migration(
            shape(columns("id", "integer"), plain), shape(columns("id", "integer")), wanted(KEY));
    assertThat(migration.built()).containsExactly("CREATE st_freshet_key");
    assertThat(migration.dropped()).hasSize(1);
  }

  @Test
  void usersIndexIsNeverTouched() {
    Migration migration =
        migration(
            shape(columns("id", "integer", "total", "bigint"), OWN),
            shape(columns("id", "integer", "total", "bigint")));
    assertThat(migration.renamed()).isEmpty();
    assertThat(migration.dropped()).isEmpty();
  }
}
