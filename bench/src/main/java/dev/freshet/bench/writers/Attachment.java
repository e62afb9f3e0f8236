package dev.freshet.bench.writers;

import java.util.List;

/** What is attached to the tables that the writers write; each has tables of its own. */
@SuppressWarnings("ImmutableEnumChecker") // List.of makes immutable lists.
enum Attachment {
  NOTHING("nothing", List.of()),
  /** Two stream tables that need keys only of old rows. */
  WAL_DEFAULT(
      "wal_default",
      List.of(
          "SELECT id, branch, balance FROM account_wal_default",
          "SELECT id, account, amount FROM ledger_wal_default WHERE amount > 50")),
  /** Two stream tables that need whole old rows: REPLICA IDENTITY FULL. */
  WAL_FULL(
      "wal_full",
      List.of(
          "SELECT branch, SUM(balance) AS total, COUNT(*) AS accounts"
              + " FROM account_wal_full GROUP BY branch",
          "SELECT account % 100 AS part, SUM(amount) AS total, COUNT(*) AS entries"
              + " FROM ledger_wal_full GROUP BY account % 100"));

  private final String label;
  private final List<String> queries;

  Attachment(String label, List<String> queries) {
    this.label = label;
    this.queries = queries;
  }

  String label() {
    return label;
  }

  /** The defining queries of its stream tables. */
  List<String> queries() {
    return queries;
  }

  String streamTable(int index) {
    return "public.st_%s_%d".formatted(label, index);
  }

  String account() {
    return "account_" + label;
  }

  String ledger() {
    return "ledger_" + label;
  }

  @Override
  public String toString() {
    return label;
  }
}
