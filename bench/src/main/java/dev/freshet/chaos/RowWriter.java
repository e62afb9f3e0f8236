package dev.freshet.chaos;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Changes all other tables in every way that rows change, their keys included. */
final class RowWriter extends Writer {
  private static final List<String> NO_PARAMETER =
      List.of(
          "UPDATE item SET price = -price WHERE id % 37 = 5",
          "DELETE FROM tag WHERE ctid = (SELECT ctid FROM tag WHERE item > 0 LIMIT 1)");

  RowWriter(Load load, int number, boolean synchronous, long seed) {
    super(load, "rows-" + number, synchronous, seed);
  }

  @Override
  void recover(Connection connection) throws SQLException {
    commitPrepared(connection);
  }

  @Override
  void transaction(Connection connection) throws SQLException {
    int statements = 1 + random.nextInt(3);
    for (int i = 0; i < statements; i++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> item(connection);
        case 2 -> edge(connection);
        default -> reading(connection);
      }
    }
    if (random.nextInt(10) == 0) {
      connection.rollback();
    } else {
      commit(connection, random.nextInt(15) == 0);
    }
  }

  private int id() {
    return 1 + random.nextInt(SourceTables.ITEMS);
  }

  private void item(Connection connection) throws SQLException {
    switch (random.nextInt(9)) {
      case 0, 1 ->
          update(
              connection,
              """
              INSERT INTO item VALUES (?, ?, 'new', ?, 1, 0, repeat('b', 2500))
              ON CONFLICT DO NOTHING\
              """,
              id(),
              random.nextInt(7),
              random.nextInt(500));
      case 2 -> update(connection, "DELETE FROM item WHERE id = ?", id());
      case 3 ->
          update(
              connection,
              "UPDATE item SET price = ?, grp = ? WHERE id = ?",
              random.nextInt(500),
              random.nextInt(7),
              id());
      case 4 -> update(connection, "UPDATE item SET unread = unread + 1 WHERE id = ?", id());
      case 5 -> update(connection, "UPDATE item SET body = body || 'x' WHERE id = ?", id());
      case 6 ->
          update(
              connection,
              """
              UPDATE item SET id = i.free
              FROM (SELECT ?::int AS free) i
              WHERE item.id = ? AND NOT EXISTS (SELECT FROM item o WHERE o.id = i.free)\
              """,
              id(),
              id());
      case 7 ->
          update(
              connection,
              "INSERT INTO tag VALUES (?, nullif('label ' || ?::int, 'label 0'))",
              id(),
              random.nextInt(5));
      default -> execute(connection, NO_PARAMETER.get(random.nextInt(NO_PARAMETER.size())));
    }
  }

  private void edge(Connection connection) throws SQLException {
    int child = 2 + random.nextInt(SourceTables.NODES - 1);
    switch (random.nextInt(4)) {
      case 0 ->
          update(
              connection,
              "INSERT INTO edge VALUES (?, ?, 1) ON CONFLICT DO NOTHING",
              child,
              random.nextInt(child));
      case 1 -> update(connection, "DELETE FROM edge WHERE child = ?", child);
      case 2 ->
          update(
              connection,
              "UPDATE edge SET parent = ? WHERE child = ?",
              random.nextInt(child),
              child);
      default -> update(connection, "UPDATE edge SET weight = weight + 1 WHERE child = ?", child);
    }
  }

  private void reading(Connection connection) throws SQLException {
    int day = random.nextInt(SourceTables.DAYS);
    int id = 1 + random.nextInt(SourceTables.READINGS);
    switch (random.nextInt(4)) {
      case 0 ->
          update(
              connection,
              "INSERT INTO reading VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
              day,
              id,
              random.nextInt(8),
              random.nextInt(1000));
      case 1 -> update(connection, "DELETE FROM reading WHERE day = ? AND id = ?", day, id);
      case 2 ->
          update(
              connection,
              "UPDATE reading SET value = ?, sensor = ? WHERE day = ? AND id = ?",
              random.nextInt(1000),
              random.nextInt(8),
              day,
              id);
      default ->
          update(
              connection,
              """
              UPDATE reading SET day = d.other FROM (SELECT ?::int AS other) d
              WHERE day = ? AND id = ?
                AND NOT EXISTS (SELECT FROM reading o WHERE o.day = d.other AND o.id = reading.id)\
              """,
              random.nextInt(SourceTables.DAYS),
              day,
              id);
    }
  }
}
