package dev.freshet.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used. Its message shows every problem, ready for a terminal. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  ConfigException(List<ConfigProblem> problems) {
    super(render(problems));
    this.problems = List.copyOf(problems);
  }

  /** All that was found, in the order of the sources and within a file by line. */
  public List<ConfigProblem> problems() {
    return problems;
  }

  private static String render(List<ConfigProblem> problems) {
    String head = problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    return problems.stream()
        .map(ConfigProblem::toString)
        .collect(Collectors.joining("\n\n", head + " in the configuration\n\n", ""));
  }
}
