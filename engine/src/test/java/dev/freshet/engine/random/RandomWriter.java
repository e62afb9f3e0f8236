package dev.freshet.engine.random;

import dev.freshet.embedded.Database;
import dev.freshet.sql.random.Case;
import dev.freshet.sql.random.Script;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Runs the changes of random cases of one schema in transactions of several statements. Some are
 * rolled back, in part or as a whole; some are prepared and committed later; a few stay open for a
 * while.
 */
final class RandomWriter implements Runnable {
  /** Refused by a constraint, for a deadlock or for a lock: then the statement did not happen. */
  private static final List<String> ORDINARY = List.of("23", "40", "55");

  /** After a TRUNCATE every refresh is full: most are left out. */
  private static final int SPARED_TRUNCATES = 20;

  private static final int LONGEST_PAUSE_MILLIS = 30;

  private final Database database;
  private final int number;
  private final long firstSeed;
  private final Random random;
  private final AtomicBoolean stop;
  private final AtomicLong committed;
  private Optional<SQLException> failure = Optional.empty();

  RandomWriter(
      Database database,
      int number,
      long firstSeed,
      long seed,
      AtomicBoolean stop,
      AtomicLong committed) {
    this.database = database;
    this.number = number;
    this.firstSeed = firstSeed;
    this.random = new Random(seed + number);
    this.stop = stop;
    this.committed = committed;
  }

  @Override
  public void run() {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET lock_timeout = '2s'; SET statement_timeout = '20s'");
        connection.commit();
        for (int transaction = 0; !stop.get(); transaction++) {
          write(connection, statement, gid(transaction));
        }
      }
    } catch (SQLException e) {
      failure = Optional.of(e);
    }
  }

  /** Unique in the server, which other tests share. */
  private String gid(int transaction) {
    return "%s-%d-%d".formatted(database.name(), number, transaction);
  }

  /** Why the writer ended before it was told to. */
  Optional<SQLException> failure() {
    return failure;
  }

  private void write(Connection connection, Statement statement, String gid) throws SQLException {
    try {
      for (String change : someChanges()) {
        if (!change.startsWith("TRUNCATE") || random.nextInt(SPARED_TRUNCATES) == 0) {
          attempt(connection, statement, change);
        }
      }
      if (random.nextInt(10) == 0) {
        rest(statement);
      }
      end(connection, statement, gid);
    } catch (SQLException e) {
      requireOrdinary(e);
      connection.rollback();
    }
  }

  /** The changes of one step of a random case that reads the same schema. */
  private List<String> someChanges() {
    List<Script.Step> steps =
        Case.of(firstSeed + random.nextInt(Case.PER_SCHEMA)).script("").steps();
    return steps.get(random.nextInt(steps.size())).changes();
  }

  private void attempt(Connection connection, Statement statement, String change)
      throws SQLException {
    Savepoint before = connection.setSavepoint();
    try {
      statement.execute(change);
      if (random.nextInt(8) == 0) {
        connection.rollback(before);
      }
    } catch (SQLException e) {
      requireOrdinary(e);
      connection.rollback(before);
    }
  }

  private void end(Connection connection, Statement statement, String gid) throws SQLException {
    switch (random.nextInt(12)) {
      case 0 -> connection.rollback();
      case 1 -> {
        statement.execute("PREPARE TRANSACTION '" + gid + "'");
        connection.commit();
        connection.setAutoCommit(true);
        rest(statement);
        statement.execute("COMMIT PREPARED '" + gid + "'");
        connection.setAutoCommit(false);
        committed.incrementAndGet();
      }
      default -> {
        connection.commit();
        committed.incrementAndGet();
      }
    }
  }

  /** Lets others go on while this transaction is open, or prepared. */
  private void rest(Statement statement) throws SQLException {
    statement.execute(
        "SELECT pg_sleep(%d * 0.001)".formatted(random.nextInt(LONGEST_PAUSE_MILLIS)));
  }

  private static void requireOrdinary(SQLException e) throws SQLException {
    String state = String.valueOf(e.getSQLState());
    if (ORDINARY.stream().noneMatch(state::startsWith)) {
      throw e;
    }
  }
}
