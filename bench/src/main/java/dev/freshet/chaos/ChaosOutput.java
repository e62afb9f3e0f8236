package dev.freshet.chaos;

/** Where a run tells what happens, while it happens. */
interface ChaosOutput {
  void say(String line);

  void begins(int number, Kind kind);

  void happened(Event event);

  void failed(String what);

  void ends(ChaosResult result);
}
