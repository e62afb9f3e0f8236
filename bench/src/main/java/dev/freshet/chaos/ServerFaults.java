package dev.freshet.chaos;

import dev.freshet.chaos.Refills.Expected;
import dev.freshet.embedded.ShutdownMode;
import java.sql.SQLException;
import java.util.Random;

/** Harm to the server and to its processes that work for the engine. */
final class ServerFaults {
  private static final String END =
      """
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = '%s' AND datname = current_database() AND backend_type = '%s'\
      """;

  private ServerFaults() {}

  static Expected restart(Stage stage, Random random) {
    return stop(stage, random, ShutdownMode.FAST);
  }

  static Expected stopAtOnce(Stage stage, Random random) {
    return stop(stage, random, ShutdownMode.IMMEDIATE);
  }

  private static Expected stop(Stage stage, Random random, ShutdownMode mode) {
    stage.server().stop(mode);
    Stage.linger(random, 0, 700);
    stage.server().start();
    return mode == ShutdownMode.FAST ? Expected.none() : Expected.undone();
  }

  static Expected crash(Stage stage, Random random) {
    stage.server().crash();
    Stage.linger(random, 0, 700);
    stage.server().start();
    return Expected.undone();
  }

  static Expected endBackends(Stage stage, Random random) throws SQLException {
    stage.execute(END.formatted(Stage.ENGINE_NAME, "client backend"));
    return Expected.none();
  }

  static Expected endWalSender(Stage stage, Random random) throws SQLException {
    stage.execute(END.formatted(Stage.ENGINE_NAME, "walsender"));
    return Expected.none();
  }
}
