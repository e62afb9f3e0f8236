package dev.freshet.engine.script;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a statement is there for, told by its words. */
public sealed interface Purpose {

  /**
   * A query.
   *
   * @param offset of its first character in the statement's text
   */
  record Query(String text, int offset) implements Purpose {}

  /**
   * A view, materialized or not, and the query that it stands for.
   *
   * @param name as it is written
   * @param definition the statement to run so that others can refer to it, without evaluating it
   */
  record View(String name, Query query, String definition) implements Purpose {}

  /** Something that what follows may rest on: run it. */
  record Definition(String sql) implements Purpose {}

  /** {@code DO}: a program of which only a run tells what it defines. */
  record Code(String sql) implements Purpose {}

  /** Something without influence on how a query is maintained. */
  record Immaterial(String what) implements Purpose {}

  /** Of {@code statement}, a text without the semicolon. */
  static Purpose of(String statement) {
    List<Token> tokens = Lexer.tokens(statement);
    List<String> words = tokens.stream().map(Token::word).toList();
    String first = words.isEmpty() ? "" : words.getFirst();
    boolean parenthesised = !tokens.isEmpty() && tokens.getFirst().isSymbol('(');
    if (parenthesised || Words.QUERY.contains(first)) {
      return query(statement, tokens);
    }
    if (Words.DATA.contains(first)) {
      return new Immaterial("data");
    }
    if (Words.MAINTENANCE.contains(first)) {
      return new Immaterial("maintenance");
    }
    if (Words.TRANSACTIONS.contains(first)) {
      return new Immaterial("transaction control");
    }
    if (Words.isPrivilege(words)) {
      return new Immaterial("roles and privileges");
    }
    if (Words.isOfSessionAlone(words)) {
      return new Immaterial("session settings");
    }
    return switch (first) {
      case "CREATE" -> create(statement, tokens);
      case "DO" -> new Code(statement);
      default -> new Definition(statement);
    };
  }

  private static Purpose query(String statement, List<Token> tokens) {
    List<String> words = tokens.stream().map(Token::word).toList();
    if (words.contains("SET_CONFIG")) {
      return new Definition(statement);
    }
    if (words.contains("SETVAL") || ViewText.changesData(tokens)) {
      return new Immaterial("data");
    }
    return new Query(statement, 0);
  }

  private static Purpose create(String statement, List<Token> tokens) {
    Optional<View> view = ViewText.view(statement, tokens);
    if (view.isPresent()) {
      return view.get();
    }
    return new Definition(ViewText.withoutData(statement, tokens));
  }

  /** The words that tell. */
  final class Words {
    private static final Set<String> QUERY = Set.of("SELECT", "WITH", "VALUES", "TABLE");
    private static final Set<String> DATA =
        Set.of("INSERT", "UPDATE", "DELETE", "MERGE", "COPY", "TRUNCATE", "CALL");
    private static final Set<String> MAINTENANCE =
        Set.of(
            "VACUUM", "ANALYZE", "ANALYSE", "CLUSTER", "REINDEX", "REFRESH", "CHECKPOINT",
            "EXPLAIN", "LISTEN", "NOTIFY", "UNLISTEN", "LOCK", "PREPARE", "EXECUTE", "DEALLOCATE",
            "DECLARE", "FETCH", "MOVE", "CLOSE", "SHOW", "LOAD", "DISCARD");
    private static final Set<String> TRANSACTIONS =
        Set.of("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE");
    private static final Set<String> OF_THE_CLUSTER =
        Set.of("ROLE", "USER", "GROUP", "DATABASE", "TABLESPACE", "SUBSCRIPTION");
    private static final Set<String> ALTERING = Set.of("CREATE", "ALTER", "DROP");

    private Words() {}

    private static boolean isPrivilege(List<String> words) {
      String first = words.isEmpty() ? "" : words.getFirst();
      String second = words.size() > 1 ? words.get(1) : "";
      if (first.equals("GRANT") || first.equals("REVOKE") || first.equals("REASSIGN")) {
        return true;
      }
      if (!ALTERING.contains(first)) {
        return false;
      }
      return OF_THE_CLUSTER.contains(second)
          || first.equals("ALTER")
              && (second.equals("DEFAULT") || adjacent(words, "OWNER", "TO"));
    }

    /** Roles, transactions and timeouts of the script are not those of the analysis. */
    private static boolean isOfSessionAlone(List<String> words) {
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
}
