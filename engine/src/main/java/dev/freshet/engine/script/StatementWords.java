package dev.freshet.engine.script;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The words that tell what a statement is for. */
final class StatementWords {
  static final Set<String> QUERY = Set.of("SELECT", "WITH", "VALUES", "TABLE");
  static final Set<String> DATA =
      Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE", "CALL");
  static final Set<String> MAINTENANCE =
      Set.of(
          "VACUUM",
          "ANALYZE",
          "ANALYSE",
          "CLUSTER",
          "REINDEX",
          "REFRESH",
          "CHECKPOINT",
          "EXPLAIN",
          "LISTEN",
          "NOTIFY",
          "UNLISTEN",
          "LOCK",
          "PREPARE",
          "EXECUTE",
          "DEALLOCATE",
          "DECLARE",
          "FETCH",
          "MOVE",
          "CLOSE",
          "SHOW",
          "LOAD",
          "DISCARD");
  static final Set<String> TRANSACTIONS =
      Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE");
  private static final Set<String> OF_THE_CLUSTER =
      Set.of("ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION");
  private static final Set<String> ALTERING = Set.of("CREATE", "ALTER", "DROP");

  private StatementWords() {}

  static boolean isPrivilege(List<String> words) {
    String first = words.isEmpty() ? "" : words.getFirst();
    String second = words.size() > 1 ? words.get(1) : "";
    if (first.equals("GRANT") || first.equals("REVOKE") || first.equals("REASSIGN")) {
      return true;
    }
    if (!ALTERING.contains(first)) {
      return false;
    }
    return OF_THE_CLUSTER.contains(second)
        || first.equals("ALTER") && (second.equals("DEFAULT") || adjacent(words, "OWNER", "TO"));
  }

  /** Roles, transactions and timeouts of the script are not those of the analysis. */
  static boolean isOfSessionAlone(List<String> words) {
    String first = words.isEmpty() ? "" : words.getFirst();
    if (!first.equals("SET") && !first.equals("RESET")) {
      return false;
    }
    return words.stream()
        .limit(4)
        .anyMatch(
            word ->
                word.equals("ROLE")
                    || word.equals("TRANSACTION")
                    || word.equals("AUTHORIZATION")
                    || word.equals("CONSTRAINTS")
                    || word.toLowerCase(Locale.ROOT).endsWith("_timeout"));
  }

  private static boolean adjacent(List<String> words, String first, String second) {
    for (int i = 1; i < words.size(); i++) {
      if (words.get(i - 1).equals(first) && words.get(i).equals(second)) {
        return true;
      }
    }
    return false;
  }
}
