package dev.freshet.cli;

import java.util.List;

/**
 * Adds commands to {@code freshet} from another module: {@code demo} and {@code bench} come so.
 * Found by {@link java.util.ServiceLoader}: name the implementation in {@code
 * META-INF/services/dev.freshet.cli.CommandProvider}.
 */
public interface CommandProvider {

  /**
   * Commands as picocli takes them: objects of classes annotated with {@code @Command}, each a
   * {@code Callable<Integer>} that returns an {@link ExitCode}. What they throw is shown as an
   * error of the command line, so a {@code FreshetException} or {@code ConfigException} needs no
   * handling.
   */
  List<Object> commands();
}
