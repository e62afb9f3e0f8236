package dev.freshet.demo;

/** The writer's pace between readings, smoothed over about two seconds. */
final class Meter {
  private static final double WINDOW_SECONDS = 2;

  private long atNanos;
  private long transactions;
  private long rows;
  private double transactionsPerSecond;
  private double rowsPerSecond;
  private boolean first = true;

  Meter(long startNanos) {
    atNanos = startNanos;
  }

  void read(ShopWriter writer) {
    long now = System.nanoTime();
    double seconds = (now - atNanos) / 1e9;
    double weight = first ? 1 : Math.min(1, seconds / WINDOW_SECONDS);
    first = false;
    double transactionRate = (writer.transactions() - transactions) / seconds;
    double rowRate = (writer.rows() - rows) / seconds;
    transactionsPerSecond += weight * (transactionRate - transactionsPerSecond);
    rowsPerSecond += weight * (rowRate - rowsPerSecond);
    atNanos = now;
    transactions = writer.transactions();
    rows = writer.rows();
  }

  double transactionsPerSecond() {
    return transactionsPerSecond;
  }

  double rowsPerSecond() {
    return rowsPerSecond;
  }
}
