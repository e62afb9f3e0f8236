package dev.freshet.bench;

import dev.freshet.chaos.ChaosCommand;
import dev.freshet.cli.CommandProvider;
import dev.freshet.demo.DemoCommand;
import java.util.List;

/** Brings {@code demo}, {@code bench} and {@code chaos} to the command line. */
public final class BenchCommands implements CommandProvider {
  @Override
  public List<Object> commands() {
    return List.of(new DemoCommand(), new BenchCommand(), new ChaosCommand());
  }
}
