package dev.freshet.engine.refresh;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.engine.refresh.TableShape.Index;
import dev.freshet.sql.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * From the shape that a table has to the one that a new query wants: a pure function, to DDL.
 *
 * <p>A column that both have stays, and with it whatever the user made of it. Columns that come are
 * added behind the others, for PostgreSQL cannot put them elsewhere; maintenance is by name. Of the
 * indexes only those of the engine are touched.
 *
 * @param renamed statements that move indexes which will go out of the way of the new ones' names;
 *     no reader waits for them
 * @param cleared whether every row is written anew: a column is added or gets another type
 * @param reshaped statements that must come before the new rows; readers wait for them
 * @param going unique indexes that the new rows may violate
 * @param built statements that make the new indexes; no reader waits for them
 * @param dropped statements that come last; readers wait for them, a moment
 */
record Migration(
    List<String> renamed,
    boolean cleared,
    List<String> reshaped,
    List<String> going,
    List<String> built,
    List<String> dropped) {

  /** An index that the new query wants. */
  record WantedIndex(String name, Index shape, String create) {}

  /**
   * @param relation the table's oid, for names that nobody else uses
   */
  static Migration of(
      TableName table, int relation, TableShape now, TableShape next, List<WantedIndex> wanted) {
    List<String> added = new ArrayList<>();
    List<String> retyped = new ArrayList<>();
    next.columns()
        .forEach(
            (name, type) -> {
              if (!now.columns().containsKey(name)) {
                added.add("ADD COLUMN " + quote(name) + " " + type);
              } else if (!type.equals(now.columns().get(name))) {
                retyped.add("ALTER COLUMN " + quote(name) + " TYPE " + type + " USING NULL");
              }
            });
    List<String> gone =
        now.columns().keySet().stream()
            .filter(name -> !next.columns().containsKey(name))
            .map(name -> "DROP COLUMN " + quote(name))
            .toList();
    Indexes indexes = Indexes.of(table, relation, now.indexes(), wanted);
    boolean cleared = !added.isEmpty() || !retyped.isEmpty();
    List<String> reshaped = new ArrayList<>();
    if (cleared) {
      reshaped.addAll(indexes.drops());
      retyped.addAll(added);
      reshaped.add(alter(table, retyped));
    }
    List<String> dropped = new ArrayList<>(cleared ? List.of() : indexes.drops());
    if (!gone.isEmpty()) {
      dropped.add(alter(table, gone));
    }
    return new Migration(
        indexes.renames(),
        cleared,
        reshaped,
        cleared ? List.of() : indexes.uniqueDrops(),
        indexes.creations(),
        dropped);
  }

  private static String alter(TableName table, List<String> clauses) {
    return "ALTER TABLE " + table + " " + String.join(", ", clauses);
  }

  /** What happens to the engine's indexes. */
  private record Indexes(
      List<String> renames, List<String> drops, List<String> uniqueDrops, List<String> creations) {

    static Indexes of(
        TableName table, int relation, List<Index> existing, List<WantedIndex> wanted) {
      List<Index> left =
          existing.stream()
              .filter(Index::isEngineMade)
              .collect(Collectors.toCollection(ArrayList::new));
      List<WantedIndex> missing = new ArrayList<>();
      List<String> aside = new ArrayList<>();
      List<String> back = new ArrayList<>();
      for (WantedIndex index : wanted) {
        Optional<Index> same =
            left.stream().filter(found -> found.doesTheSameAs(index.shape())).findFirst();
        if (same.isEmpty()) {
          missing.add(index);
          continue;
        }
        left.remove(same.get());
        if (!same.get().name().equals(index.name())) {
          String between = between(relation, aside.size());
          aside.add(rename(table, same.get().name(), between));
          back.add(rename(table, between, index.name()));
        }
      }
      List<String> drops = new ArrayList<>();
      List<String> uniqueDrops = new ArrayList<>();
      for (Index index : left) {
        String between = between(relation, aside.size());
        aside.add(rename(table, index.name(), between));
        String drop = "DROP INDEX IF EXISTS " + new TableName(table.schema(), between);
        drops.add(drop);
        if (index.unique()) {
          uniqueDrops.add(drop);
        }
      }
      List<String> renames = new ArrayList<>(aside);
      renames.addAll(back);
      return new Indexes(
          renames, drops, uniqueDrops, missing.stream().map(WantedIndex::create).toList());
    }

    private static String between(int relation, int number) {
      return "__freshet_old_" + Integer.toUnsignedString(relation) + "_" + number;
    }

    private static String rename(TableName table, String from, String to) {
      return "ALTER INDEX " + new TableName(table.schema(), from) + " RENAME TO " + quote(to);
    }
  }
}
