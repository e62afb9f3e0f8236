package dev.freshet.sql.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A schema with rows, a query, and changes with a refresh after each step. */
public record Case(long seed, Schema schema, List<Change> content, Sql query, List<Step> steps) {
  /** How many seeds share a schema. */
  public static final int PER_SCHEMA = 50;

  private static final int MOST_STEPS = 10;
  private static final List<String> TRANSPORTS =
      List.of(
          "ARRAYS",
          "ARRAYS",
          "TEXT_ARRAYS",
          "TEXT_ARRAYS",
          "TABLE",
          "TABLE",
          "LOOKUP",
          "LOOKUP",
          "WEIGHTED",
          "WEIGHTED",
          "FULL");

  /** Changes and how their delta is brought. */
  record Step(List<Change> changes, String transport) {
    Step {
      changes = List.copyOf(changes);
    }
  }

  public Case {
    content = List.copyOf(content);
    steps = List.copyOf(steps);
  }

  /** Cases whose number is the same share their schema and its first rows. */
  public static long schemaOf(long seed) {
    return Math.floorDiv(seed, PER_SCHEMA);
  }

  /** The case of a seed; the same in all versions of PostgreSQL that have what it uses. */
  public static Case of(long seed) {
    var schemaDice = new Dice(-1 - schemaOf(seed));
    Schema schema = new Schemas(schemaDice).schema();
    List<Change> content = new Changes(schemaDice, schema).content();
    var dice = new Dice(seed);
    Sql query =
        new Queries(dice, schema)
            .query(List.of(), Scope.top(dice.pick(0, 0, 1, 1, 1, 2, 2, 3)))
            .sql();
    var changes = new Changes(dice, schema);
    List<String> tables = read(schema, query.toString());
    List<Step> steps = new ArrayList<>();
    int count = dice.between(MOST_STEPS / 2, MOST_STEPS + MOST_STEPS / 2);
    for (int i = 0; i < count; i++) {
      steps.add(new Step(changes.delta(tables), dice.pick(TRANSPORTS)));
    }
    return new Case(seed, schema, content, query, steps);
  }

  /** The tables that a query reads, through views too. */
  private static List<String> read(Schema schema, String query) {
    var text = new StringBuilder(query);
    schema.views().stream()
        .filter(view -> mentions(query, view.relation().name()))
        .forEach(view -> text.append(view.query()));
    return schema.tables().stream()
        .map(Table::name)
        .filter(name -> mentions(text.toString(), name))
        .toList();
  }

  private static boolean mentions(String text, String name) {
    return Pattern.compile("\\b" + name + "\\b").matcher(text).find();
  }

  /** The statements that make the schema and its first rows. */
  public List<String> preparation() {
    List<String> statements = new ArrayList<>(schema.statements());
    content.forEach(change -> statements.add(change.toString()));
    return statements;
  }

  public Script script(String title) {
    return new Script(
        title,
        preparation(),
        query.toString(),
        steps.stream()
            .map(
                step ->
                    new Script.Step(
                        step.changes().stream().map(Change::toString).toList(),
                        Optional.of(step.transport())))
            .toList());
  }

  Case with(Schema other) {
    return new Case(seed, other, content, query, steps);
  }

  Case withContent(List<Change> other) {
    return new Case(seed, schema, other, query, steps);
  }

  Case with(Sql other) {
    return new Case(seed, schema, content, other, steps);
  }

  Case withSteps(List<Step> other) {
    return new Case(seed, schema, content, query, other);
  }
}
