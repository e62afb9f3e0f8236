package dev.freshet.chaos;

import dev.freshet.chaos.Refills.Expected;
import dev.freshet.cli.ExitCode;
import java.sql.SQLException;
import java.util.Random;

/** Harm to the engine's process, and other engines beside it. */
final class EngineFaults {
  private EngineFaults() {}

  static Expected kill(Stage stage, Random random) {
    stage.engines().serving().kill();
    Stage.linger(random, 0, 800);
    stage.engines().startAgain();
    return Expected.none();
  }

  static Expected terminate(Stage stage, Random random) {
    int code = stage.engines().serving().terminate();
    if (code != ExitCode.OK) {
      throw new ChaosFailure("the engine ended with exit code %d after SIGTERM".formatted(code));
    }
    Stage.linger(random, 0, 500);
    stage.engines().startAgain();
    return Expected.none();
  }

  /** The server gives the walsender up meanwhile. */
  static Expected holdUp(Stage stage, Random random) {
    stage.engines().serving().holdUp();
    int timeout = (int) Stage.SENDER_TIMEOUT.toMillis();
    Stage.linger(random, timeout + 300, timeout + 1500);
    stage.engines().serving().letGo();
    return Expected.none();
  }

  static Expected takeOver(Stage stage, Random random) {
    stage.engines().startStandby();
    Stage.linger(random, 0, 500);
    stage.engines().serving().kill();
    stage.engines().standbyTakesOver();
    return Expected.none();
  }

  /** One that was started by mistake. */
  static Expected startSecond(Stage stage, Random random) throws SQLException {
    int code = stage.engines().startSecond();
    if (code != ExitCode.SERVER) {
      throw new ChaosFailure(
          "a second engine ended with exit code %d, not with %d".formatted(code, ExitCode.SERVER));
    }
    return Expected.none();
  }
}
