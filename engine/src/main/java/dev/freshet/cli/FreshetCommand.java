package dev.freshet.cli;

import dev.freshet.config.FreshetConfig;
import dev.freshet.config.LoadedConfig;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.FreshetException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.Reply;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands share: the terminal, the configuration, and the way to the engine. */
abstract class FreshetCommand implements Callable<Integer> {
  @Mixin(name = ConfigOptions.MIXIN)
  ConfigOptions options = new ConfigOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  final Terminal terminal;

  private Optional<String> role = Optional.empty();

  FreshetCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** When the command ends with {@link ExitCode#PROBLEM}; empty if it never does. */
  String problem() {
    return "";
  }

  /** Meanings of exit codes that this command has instead of the general ones. */
  Map<Integer, String> otherExitCodes() {
    return Map.of();
  }

  /** How it ends when usage or configuration are wrong. */
  int usageError() {
    return ExitCode.USAGE;
  }

  /** The query that the user gave, in which the positions of errors count. */
  Optional<String> query() {
    return Optional.empty();
  }

  FreshetConfig config() {
    return remember(options.load(spec, terminal));
  }

  /** The same for a command whose {@code --set} also gives settings of one stream table. */
  FreshetConfig configBesideStreamTable() {
    return remember(options.loadBesideStreamTable(spec, terminal));
  }

  /**
   * The configuration with its file.
   *
   * @param file to read in place of the one that {@code --config} names
   */
  LoadedConfig loaded(Optional<Path> file) {
    LoadedConfig loaded = options.loadWithFile(spec, terminal, file);
    remember(loaded.config());
    return loaded;
  }

  private FreshetConfig remember(FreshetConfig config) {
    role = Optional.of(config.database().user());
    return config;
  }

  /** The role that the command connects as; empty until the configuration is loaded. */
  Optional<String> role() {
    return role;
  }

  /**
   * The engine's answer to {@code command}.
   *
   * @throws FreshetException if it fails
   */
  static <R extends Reply> R ask(FreshetConfig config, Command command, Class<R> expected) {
    try (EngineClient client = EngineClient.connect(config)) {
      return ask(client, command, expected);
    }
  }

  static <R extends Reply> R ask(EngineClient client, Command command, Class<R> expected) {
    Reply reply = client.execute(command);
    if (!expected.isInstance(reply)) {
      throw FreshetException.of(
          Kind.SERVER_ERROR,
          "the engine answered "
              + command.getClass().getSimpleName()
              + " with "
              + reply.getClass().getSimpleName()
              + ", which this freshet does not expect",
          "the running engine is probably of another version: freshet status tells");
    }
    return expected.cast(reply);
  }

  void print(String text) {
    terminal.out().print(text);
    terminal.out().flush();
  }

  void printLine(String text) {
    terminal.out().println(text);
    terminal.out().flush();
  }

  Styles styles() {
    return terminal.styles();
  }
}
