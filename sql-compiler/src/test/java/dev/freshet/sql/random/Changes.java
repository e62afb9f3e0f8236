package dev.freshet.sql.random;

import dev.freshet.sql.random.Table.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Random changes: rows come, go, come back, move between partitions and swap keys. A change may
 * violate a constraint; it then does not happen.
 */
final class Changes {
  /** Times as many rows: more than seven, and sorting mixes up those that tie. */
  private static final int LARGER = Integer.getInteger("freshet.random.larger", 1);

  private static final int MOST_ROWS = 24 * LARGER;

  private final Dice dice;
  private final Schema schema;

  Changes(Dice dice, Schema schema) {
    this.dice = dice;
    this.schema = schema;
  }

  /** What the tables hold at first. */
  List<Change> content() {
    List<Change> content = new ArrayList<>();
    for (Table table : schema.tables()) {
      int rows = dice.chance(8) ? 0 : dice.between(2, 10 * LARGER);
      if (rows > 0) {
        content.add(insert(table, rows));
      }
    }
    return content;
  }

  /** A delta: a few statements over one or several tables, sometimes none. */
  List<Change> delta(List<String> tables) {
    List<Table> changing =
        schema.tables().stream()
            .filter(t -> tables.contains(t.name()) || tables.isEmpty() || dice.chance(5))
            .toList();
    if (dice.chance(4) || changing.isEmpty()) {
      return List.of();
    }
    List<Change> delta = new ArrayList<>();
    int statements = dice.chance(50) ? 1 : dice.between(2, 4);
    for (int i = 0; i < statements; i++) {
      delta.addAll(change(dice.pick(changing)));
    }
    return delta;
  }

  private Change.Insert insert(Table table, int count) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(table.fields().stream().map(this::value).toList());
    }
    return new Change.Insert(table.name(), table.fields().stream().map(Field::name).toList(), rows);
  }

  private String value(Field field) {
    if (field.name().equals("id")) {
      return String.valueOf(dice.below(12 * LARGER));
    }
    return !field.notNull() && dice.chance(18)
        ? "NULL"
        : field.type().constant(dice.pick(field.type().samples()));
  }

  private List<Change> change(Table table) {
    return dice.<List<Change>>one(
        () -> List.of(insert(table, 1)),
        () -> List.of(insert(table, dice.between(1, 3))),
        () -> List.of(of(table, "DELETE FROM " + table.name() + some(table))),
        () -> List.of(of(table, "DELETE FROM " + table.name() + some(table))),
        () -> List.of(update(table)),
        () -> List.of(update(table)),
        () -> dice.chance(50) ? List.of(update(table)) : moved(table),
        () -> dice.chance(30) ? emptied(table) : List.of(insert(table, 2)),
        () -> dice.chance(50) ? List.of(again(table)) : List.of(doubled(table)));
  }

  private static Change of(Table table, String sql) {
    return new Change.Statement(table.name(), sql);
  }

  private String some(Table table) {
    Field field = dice.pick(table.fields());
    String name = field.name();
    boolean equal = field.type().comparable();
    String number =
        table.fields().stream().filter(f -> f.type() == Type.INT4).findFirst().orElseThrow().name();
    return switch (dice.below(6)) {
      case 0, 1 -> " WHERE " + number + " % 3 = " + dice.below(3);
      case 2 -> " WHERE " + name + " IS" + (dice.chance(50) ? " NOT" : "") + " NULL";
      case 3 -> " WHERE ctid = (SELECT min(ctid) FROM " + table.name() + ")";
      default ->
          equal
              ? " WHERE " + name + " = " + field.type().constant(dice.pick(field.type().samples()))
              : " WHERE " + number + " = " + dice.below(3);
    };
  }

  private Change update(Table table) {
    List<String> sets = new ArrayList<>();
    for (Field field : dice.some(table.fields(), dice.between(1, 2))) {
      sets.add(field.name() + " = " + (numbered(field) ? shifted(field) : value(field)));
    }
    return of(table, "UPDATE " + table.name() + " SET " + String.join(", ", sets) + some(table));
  }

  private boolean numbered(Field field) {
    return field.type() == Type.INT4 && dice.chance(40);
  }

  private String shifted(Field field) {
    return field.name().equals("id")
        ? "id + " + dice.between(1, 12)
        : "(" + field.name() + " + 1) % 5";
  }

  /** Two keys change places, or one key moves away and back. */
  private List<Change> moved(Table table) {
    if (!table.key().contains("id")) {
      return List.of(update(table));
    }
    int one = dice.below(6);
    int other = dice.below(6);
    String set = "UPDATE " + table.name() + " SET id = %d WHERE id = %d";
    return Stream.of(set.formatted(-1, one), set.formatted(one, other), set.formatted(other, -1))
        .map(sql -> of(table, sql))
        .toList();
  }

  private List<Change> emptied(Table table) {
    Change empty = of(table, dice.pick("TRUNCATE ", "DELETE FROM ") + table.name());
    return dice.chance(60) ? List.of(empty, insert(table, dice.between(1, 6))) : List.of(empty);
  }

  /** Identical rows, deleted and inserted again. */
  private Change again(Table table) {
    return of(
        table,
        "WITH gone AS (DELETE FROM "
            + table.name()
            + some(table)
            + " RETURNING *) INSERT INTO "
            + table.name()
            + " SELECT * FROM gone");
  }

  private Change doubled(Table table) {
    String name = table.name();
    return of(
        table,
        "INSERT INTO "
            + name
            + " SELECT * FROM "
            + name
            + some(table)
            + " AND (SELECT count(*) FROM "
            + name
            + ") < "
            + MOST_ROWS
            + " ON CONFLICT DO NOTHING");
  }
}
