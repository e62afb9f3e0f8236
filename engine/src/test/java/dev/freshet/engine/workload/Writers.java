package dev.freshet.engine.workload;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Several {@link Writer}s at work on a {@link Shop}, from {@link #start} to {@link #close}. */
public final class Writers implements AutoCloseable {
  private final Database database;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong committed = new AtomicLong();
  private final List<Writer> writers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  private Writers(Database database) {
    this.database = database;
  }

  public static Writers start(Database database, int count, long seed) {
    Writers all = new Writers(database);
    for (int i = 0; i < count; i++) {
      Writer writer = new Writer(database, i, seed, all.stop, all.committed);
      all.writers.add(writer);
      all.threads.add(Thread.ofVirtual().name("writer-" + i).start(writer));
    }
    return all;
  }

  /** Transactions committed so far. */
  public long committed() {
    return committed.get();
  }

  /**
   * Stops the writers and ends what they left prepared.
   *
   * @throws SQLException what made a writer give up
   */
  @Override
  public void close() throws SQLException {
    stop.set(true);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
    commitPrepared();
    for (Writer writer : writers) {
      SQLException failure = writer.failure();
      if (failure != null) {
        throw failure;
      }
    }
  }

  private void commitPrepared() throws SQLException {
    List<String> gids = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet row =
          statement.executeQuery(
              "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()")) {
        while (row.next()) {
          gids.add(row.getString(1));
        }
      }
      for (String gid : gids) {
        statement.execute("COMMIT PREPARED '" + gid + "'");
      }
    }
  }
}
