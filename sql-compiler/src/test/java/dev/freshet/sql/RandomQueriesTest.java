package dev.freshet.sql;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.sql.Rig.Transport;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Q(new) = Q(old) + ΔQ for random queries, changes and transports. {@code -Dfreshet.random.queries}
 * sets how many, {@code -Dfreshet.random.seed} which ones.
 */
class RandomQueriesTest {
  private static final int REFRESHES = 5;

  private Database database;
  private Connection connection;

  @AfterEach
  void dropDatabase() throws Exception {
    connection.close();
    database.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"V15", "V18"})
  void everyRefreshEqualsItsQuery(PgVersion version) throws Exception {
    database = SharedServer.of(version).freshDatabase();
    for (String table : RandomQueries.SCHEMA) {
      database.execute(table);
    }
    connection = database.connect();
    int queries = Integer.getInteger("freshet.random.queries", 40);
    long first = Long.getLong("freshet.random.seed", 1);
    Map<RefreshClass, Integer> classes = new EnumMap<>(RefreshClass.class);
    for (long seed = first; seed < first + queries; seed++) {
      RefreshClass found = run(seed);
      classes.merge(found, 1, Integer::sum);
    }
    System.out.println(version + ": " + queries + " queries, " + classes);
  }

  private RefreshClass run(long seed) throws SQLException {
    var random = new Random(seed);
    random.nextInt();
    var generator = new RandomQueries(random);
    String query = generator.query();
    try {
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        statement.execute("SET search_path = public");
        for (String table : List.of("a", "b", "c", "e")) {
          for (int i = 0; i < 8; i++) {
            statement.execute(generator.insert(table));
          }
        }
      }
      try (var rig = new Rig(connection, query)) {
        for (int i = 0; i < REFRESHES; i++) {
          if (rig.compiled.refreshClass() == RefreshClass.FULL) {
            rig.fullAfter(generator.changes());
          } else {
            Transport transport = Transport.values()[random.nextInt(Transport.values().length)];
            rig.after(transport, generator.changes());
          }
        }
        rig.fullAfter(generator.changes());
        return rig.compiled.refreshClass();
      }
    } catch (SQLException | RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + query + "\n" + e.getMessage(), e);
    }
  }
}
