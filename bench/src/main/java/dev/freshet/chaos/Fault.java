package dev.freshet.chaos;

import java.sql.SQLException;
import java.util.Random;

/** One way to do harm. */
@FunctionalInterface
interface Fault {
  /**
   * Does harm, for a time that {@code random} chooses, and takes back what nobody else would. The
   * engine has to recover from when it returns.
   *
   * @return what may be refilled because of it
   * @throws ChaosFailure if the engine answers in a way that it must not
   */
  Refills.Expected inflict(Stage stage, Random random) throws SQLException;
}
