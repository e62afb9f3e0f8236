package dev.freshet.chaos;

import dev.freshet.chaos.Refills.Expected;
import java.time.Duration;
import java.util.Random;

/** Harm to the network between engine and server. */
final class NetworkFaults {
  private NetworkFaults() {}

  static Expected cut(Stage stage, Random random) {
    stage.network().cut();
    Stage.linger(random, 200, 2500);
    stage.network().mend();
    return Expected.none();
  }

  static Expected slow(Stage stage, Random random) {
    stage.network().delay(Duration.ofMillis(20 + random.nextInt(80)));
    Stage.linger(random, 1000, 2500);
    stage.network().mend();
    return Expected.none();
  }

  /** The server knows that the connections are gone, the engine is not told. */
  static Expected halfOpen(Stage stage, Random random) {
    stage.network().silence(true);
    return Expected.none();
  }

  /** Neither side is told; the server's processes of the engine wait for a client for ever. */
  static Expected silence(Stage stage, Random random) {
    stage.network().silence(false);
    return Expected.none();
  }
}
