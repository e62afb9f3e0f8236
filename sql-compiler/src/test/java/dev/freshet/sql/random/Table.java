package dev.freshet.sql.random;

import dev.freshet.sql.random.Relation.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A table.
 *
 * @param key columns of the primary key, empty if there is none
 * @param partitions what follows the column list, and the partitions' definitions
 * @param indexes columns or expressions of further indexes
 */
public record Table(
    String name,
    List<Field> fields,
    List<String> key,
    Partitions partitions,
    List<String> indexes) {

  /** A column. */
  public record Field(String name, Type type, boolean notNull) {}

  /** How a table is partitioned; without parts it is not. */
  public record Partitions(String by, List<String> bounds) {
    static final Partitions NONE = new Partitions("", List.of());

    public Partitions {
      bounds = List.copyOf(bounds);
    }
  }

  public Table {
    fields = List.copyOf(fields);
    key = List.copyOf(key);
    indexes = List.copyOf(indexes);
  }

  Relation relation() {
    return new Relation(
        name, fields.stream().map(f -> new Output(f.name(), f.type(), false)).toList());
  }

  List<String> definition() {
    List<String> items =
        fields.stream()
            .map(f -> f.name() + " " + f.type().definition() + (f.notNull() ? " NOT NULL" : ""))
            .collect(Collectors.toCollection(ArrayList::new));
    if (!key.isEmpty()) {
      items.add("PRIMARY KEY (" + String.join(", ", key) + ")");
    }
    List<String> statements = new ArrayList<>();
    statements.add(
        "CREATE TABLE " + name + " (" + String.join(", ", items) + ")" + partitions.by());
    for (int i = 0; i < partitions.bounds().size(); i++) {
      statements.add(
          "CREATE TABLE " + name + "_" + i + " PARTITION OF " + name + partitions.bounds().get(i));
    }
    indexes.forEach(index -> statements.add("CREATE INDEX ON " + name + " (" + index + ")"));
    return statements;
  }

  Table without(Field field) {
    return new Table(
        name, fields.stream().filter(f -> !f.equals(field)).toList(), key, partitions, indexes);
  }

  Table withoutIndexes() {
    return new Table(name, fields, key, partitions, List.of());
  }

  Table withoutKey() {
    return new Table(name, fields, List.of(), partitions, indexes);
  }

  Table unpartitioned() {
    return new Table(name, fields, key, Partitions.NONE, indexes);
  }

  /** Every column may be NULL. */
  Table nullable() {
    return new Table(
        name,
        fields.stream().map(f -> new Field(f.name(), f.type(), false)).toList(),
        key,
        partitions,
        indexes);
  }
}
