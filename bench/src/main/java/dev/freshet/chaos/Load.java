package dev.freshet.chaos;

import dev.freshet.embedded.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** All writers together. */
final class Load implements AutoCloseable {
  private final Database database;
  private final Gate gate = new Gate();
  private final List<Writer> writers = new ArrayList<>();
  private final List<ListWriter> lists = new ArrayList<>();

  private Load(Database database) {
    this.database = database;
  }

  static Load start(Database database, long seed) {
    Load load = idle(database, seed);
    load.writers.forEach(Writer::start);
    return load;
  }

  /** Writers that do not write. */
  static Load idle(Database database, long seed) {
    Load load = new Load(database);
    load.lists.add(new ListWriter(load, 1, true, false, seed + 1));
    load.lists.add(new ListWriter(load, 2, false, false, seed + 2));
    load.lists.add(new ListWriter(load, 3, true, true, seed + 3));
    load.writers.addAll(load.lists);
    load.writers.add(new BankWriter(load, 1, true, seed + 4));
    load.writers.add(new BankWriter(load, 2, false, seed + 5));
    load.writers.add(new RowWriter(load, 1, true, seed + 6));
    load.writers.add(new RowWriter(load, 2, false, seed + 7));
    return load;
  }

  Connection connect(String name, boolean synchronous) throws SQLException {
    Connection connection = database.connect();
    Writer.execute(connection, "SET application_name = 'chaos-%s'".formatted(name));
    Writer.execute(connection, "SET synchronous_commit = " + (synchronous ? "on" : "off"));
    return connection;
  }

  Gate gate() {
    return gate;
  }

  /** The writers of lists, each with what was acknowledged. */
  List<ListWriter> lists() {
    return lists;
  }

  long committed() {
    return writers.stream().mapToLong(Writer::committed).sum();
  }

  long refused() {
    return writers.stream().mapToLong(Writer::refused).sum();
  }

  @Override
  public void close() {
    writers.forEach(Writer::close);
  }
}
