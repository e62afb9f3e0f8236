package dev.freshet.engine.refresh;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the server is asked of a stream table's sources besides their rows: expressions of type
 * {@code text}, each for an item of {@link SourceState}, or NULL where it does not apply.
 *
 * <p>Stream tables with the same source ask the same of it, so whoever looks at many asks once.
 *
 * @param registrations of each source: its primary key, and how its changes are captured
 * @param files of each source, and of what the query was compiled from
 */
public record SourceQuestions(List<String> registrations, List<String> files) {
  public SourceQuestions {
    registrations = List.copyOf(registrations);
    files = List.copyOf(files);
  }

  /** All of them. */
  public List<String> all() {
    List<String> all = new ArrayList<>(registrations);
    all.addAll(files);
    return all;
  }

  /** The state, from the answer to each question. */
  public String state(UnaryOperator<@Nullable String> answers) {
    String found = joined(files, ",", answers);
    return registrations.isEmpty() ? found : joined(registrations, " ", answers) + "," + found;
  }

  private static String joined(
      List<String> questions, String separator, UnaryOperator<@Nullable String> answers) {
    return questions.stream()
        .map(answers)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(separator));
  }

  /** One expression for the state. Arrays, as a call takes no more than 100 arguments. */
  String sql() {
    return registrations.isEmpty()
        ? joined(files, ",")
        : joined(registrations, " ") + " || ',' || " + joined(files, ",");
  }

  private static String joined(List<String> questions, String separator) {
    return "array_to_string(ARRAY[%s]::text[], '%s')"
        .formatted(String.join(", ", questions), separator);
  }
}
