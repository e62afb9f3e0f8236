package dev.freshet.cdc.trigger;

import dev.freshet.cdc.DeltaView;
import dev.freshet.cdc.server.OlderWriters;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Installs and removes what captures a source: triggers, their function, the buffer.
 *
 * <p>Called on a connection in auto-commit mode. {@code CREATE TRIGGER} waits for every transaction
 * that has written to the table: what is written afterwards is captured, and a snapshot taken
 * afterwards sees what was written before. A function that is replaced needs more: see {@link
 * #await}.
 */
public final class TriggerAdmin {
  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String DEADLOCK = "40P01";
  private static final Duration ROTATION_PATIENCE = Duration.ofMillis(200);

  /** What an installation did. */
  public sealed interface Outcome {
    /** Everything was there. */
    record Unchanged() implements Outcome {}

    /**
     * @param changes for people, one for each
     */
    record Installed(List<String> changes) implements Outcome {}

    /** The table stays locked by somebody. */
    record Locked(String table) implements Outcome {}

    /** There is no such table any more. */
    record Gone() implements Outcome {}
  }

  private final Connection connection;

  public TriggerAdmin(Connection connection) {
    this.connection = connection;
  }

  /**
   * A text expression that differs whenever triggers were missing in between, or one of the columns
   * was altered.
   *
   * @param relation an expression for the source's oid
   * @param columns attribute numbers
   */
  public static String registration(String relation, Collection<Integer> columns) {
    List<String> numbers = columns.stream().sorted().map(String::valueOf).toList();
    return """
    concat((SELECT string_agg(oid::text, '+' ORDER BY oid) FROM pg_catalog.pg_trigger
      WHERE tgrelid IN (SELECT %1$s UNION SELECT relid FROM pg_catalog.pg_partition_tree(%1$s))
        AND tgenabled = 'A' AND tgname LIKE 'freshet\\_capture\\_%%'),
      (SELECT string_agg(concat(attnum, xmin), '+' ORDER BY attnum) FROM pg_catalog.pg_attribute
      WHERE attrelid = %1$s AND attnum = ANY ('{%2$s}'::int2[])))\
    """
        .formatted(relation, String.join(",", numbers));
  }

  /** The columns that an image must hold for a view. */
  public static Set<String> columns(DeltaView view) {
    return switch (view) {
      case DeltaView.Keyed keyed -> Set.copyOf(keyed.columns());
      case DeltaView.Weighted weighted -> Set.copyOf(weighted.columns());
      case DeltaView.Reduced reduced -> {
        Set<String> columns = new HashSet<>(reduced.group());
        columns.addAll(reduced.sums());
        yield columns;
      }
    };
  }

  /** What {@link #install} would run first, for the table's owner to run. */
  public List<String> sql(int relation) throws SQLException {
    Optional<SourceShape> shape = SourceShape.of(connection, relation);
    List<String> statements = new ArrayList<>();
    if (shape.isPresent()) {
      for (SourceShape.Member member : shape.get().members()) {
        if (!member.present().equals(shape.get().wanted())) {
          statements.addAll(CaptureSql.triggers(relation, member, shape.get().forEachRow()));
        }
      }
    }
    return statements;
  }

  /** Whether nothing is missing for capturing these columns. */
  public boolean isInstalled(int relation, Collection<String> columns) throws SQLException {
    Optional<SourceShape> shape = SourceShape.of(connection, relation);
    List<Generation> generations = BufferCatalog.load(connection, relation);
    return shape.isPresent()
        && shape.get().isCaptured()
        && !generations.isEmpty()
        && wanted(shape.get(), generations, columns).equals(generations.getLast().columns());
  }

  /**
   * Captures the columns from now on, beside those that are captured already.
   *
   * @param lockTimeout how long one attempt waits for the table
   */
  public Outcome install(
      int relation, Collection<String> columns, Duration lockTimeout, int attempts)
      throws SQLException, InterruptedException {
    if (isInstalled(relation, columns)) {
      return new Outcome.Unchanged();
    }
    if (!BufferCatalog.exists(connection)) {
      BufferCatalog.create(connection);
    }
    for (int attempt = 1; ; attempt++) {
      try {
        return inTransaction(lockTimeout, () -> installNow(relation, columns));
      } catch (SQLException e) {
        if (!isContention(e)) {
          throw e;
        }
        if (attempt == attempts) {
          return new Outcome.Locked(Integer.toUnsignedString(relation));
        }
        Thread.sleep(lockTimeout.toMillis());
      }
    }
  }

  private static boolean isContention(SQLException e) {
    return LOCK_NOT_AVAILABLE.equals(e.getSQLState()) || DEADLOCK.equals(e.getSQLState());
  }

  private Outcome installNow(int relation, Collection<String> columns) throws SQLException {
    lockBuffers();
    Optional<SourceShape> found = SourceShape.of(connection, relation);
    if (found.isEmpty()) {
      return new Outcome.Gone();
    }
    SourceShape shape = found.get();
    List<Generation> generations = BufferCatalog.load(connection, relation);
    List<String> changes = new ArrayList<>();
    List<CapturedColumn> wanted = wanted(shape, generations, columns);
    if (generations.isEmpty() || !generations.getLast().columns().equals(wanted)) {
      begin(shape, generations, wanted);
      changes.add(
          "captures %d columns of %s in %s"
              .formatted(wanted.size(), shape.name(), next(relation, generations, wanted).table()));
    } else if (!shape.isCaptured()) {
      execute(CaptureSql.function(generations.getLast(), shape.forEachRow()));
    }
    for (SourceShape.Member member : shape.members()) {
      if (!member.present().equals(shape.wanted())) {
        for (String statement : CaptureSql.triggers(relation, member, shape.forEachRow())) {
          execute(statement);
        }
        changes.add("installed triggers on " + member.name());
      }
    }
    return changes.isEmpty() ? new Outcome.Unchanged() : new Outcome.Installed(changes);
  }

  /** One at a time decides where a source's changes are written to. */
  private void lockBuffers() throws SQLException {
    execute("SELECT pg_advisory_xact_lock(hashtext('freshet.change_buffer'))");
  }

  /** Those that the last generation has and that are still there, and what is needed now. */
  private static List<CapturedColumn> wanted(
      SourceShape shape, List<Generation> generations, Collection<String> needed) {
    Set<String> names = new LinkedHashSet<>(needed);
    if (!generations.isEmpty()) {
      generations.getLast().columns().forEach(column -> names.add(column.name()));
    }
    return shape.columns().stream().filter(column -> names.contains(column.name())).toList();
  }

  private static Generation next(
      int relation, List<Generation> generations, List<CapturedColumn> columns) {
    long number = generations.isEmpty() ? 1 : generations.getLast().number() + 1;
    return new Generation(relation, number, columns, OptionalLong.empty());
  }

  private void begin(SourceShape shape, List<Generation> generations, List<CapturedColumn> columns)
      throws SQLException {
    Generation next = next(shape.relation(), generations, columns);
    BufferCatalog.add(connection, next);
    execute(CaptureSql.function(next, shape.forEachRow()));
  }

  /**
   * Begins a generation, so that the one before can be dropped when it has been read.
   *
   * @return false if the source is gone or is not captured, or somebody else is at it
   */
  boolean rotate(int relation) throws SQLException {
    try {
      return inTransaction(ROTATION_PATIENCE, () -> rotateNow(relation));
    } catch (SQLException e) {
      if (isContention(e)) {
        return false;
      }
      throw e;
    }
  }

  private boolean rotateNow(int relation) throws SQLException {
    lockBuffers();
    Optional<SourceShape> shape = SourceShape.of(connection, relation);
    List<Generation> generations = BufferCatalog.load(connection, relation);
    if (shape.isEmpty() || generations.isEmpty()) {
      return false;
    }
    begin(shape.get(), generations, wanted(shape.get(), generations, List.of()));
    return true;
  }

  /**
   * Waits until no transaction runs that may still call a function that was replaced: what it wrote
   * may lack a column.
   *
   * @return who holds it up when the time is over; nothing if all have ended
   */
  public Optional<String> await(int relation, Duration timeout)
      throws SQLException, InterruptedException {
    return OlderWriters.holdingNow(connection, relation).await(timeout);
  }

  /** The sources that have a buffer, be they gone. */
  public Set<Integer> captured() throws SQLException {
    return BufferCatalog.load(connection).keySet();
  }

  /**
   * Those whose table is gone: dropped, or left behind in another database by a dump. There another
   * table may have its oid by now.
   */
  public Set<Integer> orphans() throws SQLException {
    Set<Integer> orphans = new HashSet<>();
    for (Integer relation : captured()) {
      if (SourceShape.of(connection, relation).isEmpty() || isOfAnother(relation)) {
        orphans.add(relation);
      }
    }
    return orphans;
  }

  /** Whether triggers of other tables alone call the function of that one. */
  private boolean isOfAnother(int relation) throws SQLException {
    String query =
        """
        SELECT coalesce(bool_and(tgrelid <> %s::oid), false) FROM pg_catalog.pg_trigger
        WHERE tgfoid = to_regprocedure('%s()')\
        """
            .formatted(Integer.toUnsignedString(relation), Generation.function(relation));
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /**
   * Takes everything off a source.
   *
   * @return false if it stays locked
   */
  public boolean remove(int relation, Duration lockTimeout) throws SQLException {
    try {
      return inTransaction(
          lockTimeout,
          () -> {
            lockBuffers();
            Optional<SourceShape> shape = SourceShape.of(connection, relation);
            if (shape.isPresent()) {
              for (SourceShape.Member member : shape.get().members()) {
                for (String statement : CaptureSql.drop(member)) {
                  execute(statement);
                }
              }
            }
            execute("DROP FUNCTION IF EXISTS " + Generation.function(relation) + "() CASCADE");
            for (Generation generation : BufferCatalog.load(connection, relation)) {
              BufferCatalog.drop(connection, generation);
            }
            return true;
          });
    } catch (SQLException e) {
      if (isContention(e)) {
        return false;
      }
      throw e;
    }
  }

  private interface Work<T> {
    T run() throws SQLException;
  }

  private <T> T inTransaction(Duration lockTimeout, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      execute("SET LOCAL lock_timeout = '" + lockTimeout.toMillis() + "ms'");
      execute("SET LOCAL client_min_messages = warning");
      T done = work.run();
      connection.commit();
      return done;
    } catch (SQLException | RuntimeException e) {
      connection.rollback();
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Bytes of all buffers. */
  public static long bytes(Connection connection) throws SQLException {
    if (!BufferCatalog.exists(connection)) {
      return 0;
    }
    String query =
        """
        SELECT coalesce(sum(pg_total_relation_size(
          to_regclass(format('freshet.changes_%s_%s', relation, generation)))), 0)::int8
        FROM freshet.change_buffer\
        """;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
