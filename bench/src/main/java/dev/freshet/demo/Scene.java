package dev.freshet.demo;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is shown at one moment.
 *
 * @param elapsedSeconds since the writer began
 * @param totalSeconds after which the demo ends by itself; empty: never
 * @param figures by the stream table's name
 * @param peek what order_overview shows of the newest order followed
 */
record Scene(
    Address address,
    long elapsedSeconds,
    Optional<Long> totalSeconds,
    long transactions,
    double transactionsPerSecond,
    double rowsPerSecond,
    Map<String, TableFigures> figures,
    Optional<Peek> peek) {

  /** How to connect. */
  record Address(
      String postgres, String host, int port, String socket, String user, String database) {
    String psql() {
      return "psql -h %s -p %d -U %s %s".formatted(host, port, user, database);
    }

    String freshetStatus() {
      return "freshet status -h %s -p %d -U %s -d %s".formatted(host, port, user, database);
    }

    String psqlBySocket() {
      return "psql -h %s -p %d -U %s %s".formatted(socket, port, user, database);
    }
  }

  /** Rows of one order in order_overview, as text, and how fast they got there. */
  record Peek(String what, double millis, List<String> rows) {}
}
