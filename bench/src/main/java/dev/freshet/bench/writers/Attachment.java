package dev.freshet.bench.writers;

import dev.freshet.config.CdcMode;
import java.util.List;

/** What is attached to the tables that the writers write; each has tables of its own. */
@SuppressWarnings("ImmutableEnumChecker") // List.of makes immutable lists.
enum Attachment {
  NOTHING("nothing", CdcMode.WAL, List.of()),
  /** Two stream tables that need keys only of old rows. */
  WAL_DEFAULT(
      "wal_default",
      CdcMode.WAL,
      List.of(
          "SELECT id, branch, balance FROM account_wal_default",
          "SELECT id, account, amount FROM ledger_wal_default WHERE amount > 50")),
  /** Two stream tables that need whole old rows: REPLICA IDENTITY FULL. */
  WAL_FULL(
      "wal_full",
      CdcMode.WAL,
      List.of(
          "SELECT branch, SUM(balance) AS total, COUNT(*) AS accounts"
              + " FROM account_wal_full GROUP BY branch",
          "SELECT account % 100 AS part, SUM(amount) AS total, COUNT(*) AS entries"
              + " FROM ledger_wal_full GROUP BY account % 100")),
  /** The stream tables of {@code wal_default} in a database of its own, by triggers. */
  TRIGGER_ROWS(
      "trigger_rows",
      CdcMode.TRIGGER,
      List.of(
          "SELECT id, branch, balance FROM account_trigger_rows",
          "SELECT id, account, amount FROM ledger_trigger_rows WHERE amount > 50")),
  /** Those of {@code wal_full}. */
  TRIGGER_SUMS(
      "trigger_sums",
      CdcMode.TRIGGER,
      List.of(
          "SELECT branch, SUM(balance) AS total, COUNT(*) AS accounts"
              + " FROM account_trigger_sums GROUP BY branch",
          "SELECT account % 100 AS part, SUM(amount) AS total, COUNT(*) AS entries"
              + " FROM ledger_trigger_sums GROUP BY account % 100"));

  private final String label;
  private final CdcMode mode;
  private final List<String> queries;

  Attachment(String label, CdcMode mode, List<String> queries) {
    this.label = label;
    this.mode = mode;
    this.queries = queries;
  }

  String label() {
    return label;
  }

  /** How its changes are captured. */
  CdcMode mode() {
    return mode;
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
