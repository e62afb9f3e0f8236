package dev.freshet.sql.random;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A case as plain SQL that psql can run too: the schema and its first rows, {@code -- query}, the
 * defining query, then steps, each ended by {@code -- refresh TRANSPORT}. A refresh without a
 * transport is to be tried with all of them; with {@code FULL} it is a full one.
 */
public record Script(String title, List<String> schema, String query, List<Step> steps) {
  private static final String QUERY = "-- query";
  private static final String REFRESH = "-- refresh";

  /** Changes, then a refresh. */
  public record Step(List<String> changes, Optional<String> transport) {
    public Step {
      changes = List.copyOf(changes);
    }
  }

  public Script {
    schema = List.copyOf(schema);
    steps = List.copyOf(steps);
  }

  /** Reads a script. A statement ends with a semicolon at the end of a line. */
  public static Script parse(String text) {
    var title = new StringBuilder();
    List<String> schema = new ArrayList<>();
    List<String> statements = schema;
    Optional<String> query = Optional.empty();
    List<Step> steps = new ArrayList<>();
    var statement = new StringBuilder();
    for (String line : text.lines().toList()) {
      if (line.equals(QUERY)) {
        statements = new ArrayList<>();
      } else if (line.startsWith(REFRESH)) {
        if (query.isEmpty()) {
          query = Optional.of(statements.removeFirst());
        }
        String transport = line.substring(REFRESH.length()).strip();
        steps.add(new Step(statements, Optional.of(transport).filter(name -> !name.isEmpty())));
        statements = new ArrayList<>();
      } else if (line.startsWith("--")) {
        title.append(line.substring(2).strip()).append('\n');
      } else if (!line.isBlank()) {
        statement.append(line);
        if (line.endsWith(";")) {
          statement.setLength(statement.length() - 1);
          statements.add(statement.toString());
          statement.setLength(0);
        } else {
          statement.append('\n');
        }
      }
    }
    if (query.isEmpty()) {
      throw new IllegalArgumentException("no '-- query' followed by a '-- refresh' in:\n" + text);
    }
    return new Script(title.toString().strip(), schema, query.get(), steps);
  }

  @Override
  public String toString() {
    var text = new StringBuilder();
    title.lines().forEach(line -> text.append("-- ").append(line).append('\n'));
    schema.forEach(statement -> text.append(statement).append(";\n"));
    text.append('\n').append(QUERY).append('\n').append(query).append(";\n");
    for (Step step : steps) {
      text.append('\n');
      step.changes().forEach(change -> text.append(change).append(";\n"));
      text.append(REFRESH).append(step.transport().map(name -> " " + name).orElse("")).append('\n');
    }
    return text.toString();
  }
}
