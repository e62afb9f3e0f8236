package dev.freshet.embedded;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Ending processes, of this JVM or not. */
final class Processes {

  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private Processes() {}

  /** Sends SIGKILL to all of them, in this order, and waits until none runs. */
  static void kill(List<ProcessHandle> processes) {
    processes.forEach(ProcessHandle::destroyForcibly);
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (processes.stream().anyMatch(Processes::isRunning)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "After %d s some of the processes %s survive SIGKILL"
                .formatted(
                    TIMEOUT.toSeconds(), processes.stream().map(ProcessHandle::pid).toList()));
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  /**
   * Whether a process runs. One that has ended stays in the process table until its parent collects
   * it, for orphans a second or more in some containers; it has no command any more.
   */
  static boolean isRunning(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }
}
