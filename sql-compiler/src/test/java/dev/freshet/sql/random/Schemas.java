package dev.freshet.sql.random;

import dev.freshet.sql.random.Relation.Output;
import dev.freshet.sql.random.Table.Field;
import dev.freshet.sql.random.Table.Partitions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Random schemas. Columns of one name have one type everywhere, so that NATURAL and USING joins
 * find each other; every table has a {@code k} to join by.
 */
final class Schemas {
  private static final List<String> PREAMBLE =
      List.of(
          "CREATE COLLATION caseless"
              + " (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
          "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
          "CREATE DOMAIN small AS int4 CHECK (VALUE < 100)",
          "CREATE TYPE pair AS (number int4, word text)",
          "CREATE FUNCTION twice(int4) RETURNS int4 IMMUTABLE LANGUAGE sql RETURN 2 * $1",
          "CREATE AGGREGATE total(int4) (sfunc = int4pl, stype = int4, initcond = '0')");

  private static final List<String> NAMES = List.of("p", "q", "r", "s", "u", "v", "w", "x");

  private final Dice dice;

  Schemas(Dice dice) {
    this.dice = dice;
  }

  Schema schema() {
    Map<String, Type> columns = columns();
    List<Table> tables = new ArrayList<>();
    int count = dice.between(3, 5);
    for (int i = 0; i < count; i++) {
      tables.add(table("t" + i, columns));
    }
    if (dice.chance(60)) {
      tables.add(graph());
    }
    Schema plain = new Schema(PREAMBLE, tables, List.of());
    return dice.chance(50) ? new Schema(PREAMBLE, tables, List.of(view(plain))) : plain;
  }

  private Map<String, Type> columns() {
    Map<String, Type> columns = new LinkedHashMap<>();
    columns.put("k", Type.INT4);
    columns.put("i", Type.INT4);
    columns.put("t", Type.TEXT);
    columns.put("n", dice.pick(Type.NUMERIC, Type.NUMERIC, Type.MONEY, Type.INT8));
    for (String name : dice.some(NAMES, dice.between(3, 6))) {
      columns.put(name, dice.pick(Type.all()));
    }
    return columns;
  }

  private Table table(String name, Map<String, Type> columns) {
    List<Field> fields = new ArrayList<>();
    int keys = dice.pick(0, 0, 1, 1, 1, 2);
    if (keys > 0 && dice.chance(60)) {
      fields.add(new Field("id", Type.INT4, true));
    }
    List<String> others = new ArrayList<>(columns.keySet());
    others.remove("k");
    fields.add(new Field("k", Type.INT4, dice.chance(25)));
    for (String other : dice.some(others, dice.between(1, 4))) {
      fields.add(new Field(other, columns.get(other), dice.chance(25)));
    }
    List<String> candidates =
        new ArrayList<>(fields.stream().filter(f -> f.type().key()).map(Field::name).toList());
    List<String> key =
        keys == 1 && candidates.getFirst().equals("id")
            ? List.of("id")
            : dice.some(candidates, keys);
    fields.replaceAll(f -> new Field(f.name(), f.type(), f.notNull() || key.contains(f.name())));
    Partitions partitions = dice.chance(15) ? partitions(key) : Partitions.NONE;
    List<String> indexes = new ArrayList<>();
    for (String candidate : candidates) {
      if (dice.chance(25)) {
        indexes.add(candidate);
      }
    }
    return new Table(name, fields, key, partitions, indexes);
  }

  private Partitions partitions(List<String> key) {
    if (!key.isEmpty() && !key.contains("k")) {
      return Partitions.NONE;
    }
    return dice.pick(
        new Partitions(" PARTITION BY LIST (k)", List.of(" FOR VALUES IN (0, 1)", " DEFAULT")),
        new Partitions(
            " PARTITION BY RANGE (k)",
            List.of(
                " FOR VALUES FROM (MINVALUE) TO (2)", " FOR VALUES FROM (2) TO (3)", " DEFAULT")),
        new Partitions(
            " PARTITION BY HASH (k)",
            List.of(
                " FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                " FOR VALUES WITH (MODULUS 2, REMAINDER 1)")));
  }

  private Table graph() {
    boolean keyed = dice.chance(50);
    return new Table(
        "edge",
        List.of(new Field("src", Type.INT4, keyed), new Field("dst", Type.INT4, keyed)),
        keyed ? List.of("src", "dst") : List.of(),
        Partitions.NONE,
        dice.chance(50) ? List.of("src") : List.of());
  }

  private Schema.View view(Schema schema) {
    var queries = new Queries(dice.fork(), schema).timeless();
    Query query = queries.query(List.of(), Scope.top(dice.below(2)));
    List<Output> outputs = new ArrayList<>(query.columns());
    return new Schema.View(new Relation("view0", outputs), query.sql());
  }
}
