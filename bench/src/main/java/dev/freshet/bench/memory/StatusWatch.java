package dev.freshet.bench.memory;

import dev.freshet.bench.server.StreamTables;
import dev.freshet.engine.EngineClient;
import dev.freshet.engine.control.EngineStatus;
import java.time.Duration;

/** Asks an engine for its status again and again, and remembers the most of everything. */
final class StatusWatch implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final EngineClient client;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile long stagedBytes;
  private volatile long stagedTransactions;
  private volatile long bufferedBytes;
  private volatile long retainedBytes;

  private StatusWatch(EngineClient client) {
    this.client = client;
    this.thread = Thread.ofPlatform().daemon().name("status-watch").unstarted(this::watch);
  }

  static StatusWatch of(ChildEngine engine) {
    StatusWatch watch = new StatusWatch(engine.newClient());
    watch.thread.start();
    return watch;
  }

  private void watch() {
    while (!stopped) {
      EngineStatus status = ChildEngine.status(client);
      stagedBytes = Math.max(stagedBytes, status.staged().bytes());
      stagedTransactions = Math.max(stagedTransactions, status.staged().transactions());
      bufferedBytes = Math.max(bufferedBytes, status.bufferedBytes());
      retainedBytes = Math.max(retainedBytes, status.retainedBytes());
      StreamTables.pause(PAUSE);
    }
  }

  long stagedBytes() {
    return stagedBytes;
  }

  long stagedTransactions() {
    return stagedTransactions;
  }

  long bufferedBytes() {
    return bufferedBytes;
  }

  long retainedBytes() {
    return retainedBytes;
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }
}
