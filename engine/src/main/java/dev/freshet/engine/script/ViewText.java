package dev.freshet.engine.script;

import dev.freshet.engine.script.Purpose.Query;
import dev.freshet.engine.script.Purpose.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the query in {@code CREATE VIEW} and its kin. */
final class ViewText {
  private static final Set<String> MODIFIERS =
      Set.of(
          "CREATE",
          "OR",
          "REPLACE",
          "TEMP",
          "TEMPORARY",
          "LOCAL",
          "GLOBAL",
          "UNLOGGED",
          "RECURSIVE",
          "MATERIALIZED");
  private static final Set<String> BEHIND_NAME = Set.of("AS", "WITH", "USING", "TABLESPACE");
  private static final Set<String> WRITING = Set.of("INSERT", "UPDATE", "DELETE", "MERGE");
  private static final Set<String> READING = Set.of("SELECT", "VALUES", "TABLE");

  /** CREATE UNIQUE INDEX CONCURRENTLY. */
  private static final int CONCURRENTLY_WITHIN = 4;

  private ViewText() {}

  /** The view that {@code statement} creates; empty if it creates something else. */
  static Optional<View> view(String statement, List<Token> tokens) {
    int keyword = keyword(tokens, "VIEW");
    int as = keyword < 0 ? -1 : top(tokens, keyword, Set.of("AS"));
    if (as < 0 || as + 1 >= tokens.size()) {
      return Optional.empty();
    }
    int end = queryEnd(tokens);
    int from = tokens.get(as + 1).start();
    String body = statement.substring(from, Math.max(from, tokens.get(end - 1).end()));
    int nameFrom = afterIfNotExists(tokens, keyword + 1);
    int nameEnd = nameEnd(tokens, nameFrom);
    if (nameEnd > as) {
      return Optional.empty(); // PostgreSQL will say what is wrong
    }
    String name = statement.substring(tokens.get(nameFrom).start(), tokens.get(nameEnd - 1).end());
    boolean recursive = tokens.subList(0, keyword).stream().anyMatch(t -> t.is("RECURSIVE"));
    if (recursive && !tokens.get(nameEnd).isSymbol('(')) {
      return Optional.empty();
    }
    Query query =
        recursive
            ? recursiveQuery(statement, tokens, name, nameEnd, body, from)
            : new Query(body, from);
    boolean materialized = tokens.subList(0, keyword).stream().anyMatch(t -> t.is("MATERIALIZED"));
    return Optional.of(
        new View(
            name,
            query,
            materialized ? statement.substring(0, from) + body + "\nWITH NO DATA" : statement));
  }

  /**
   * {@code CREATE TABLE … AS} without its rows, {@code CREATE INDEX} without CONCURRENTLY, which no
   * transaction can do; any other statement as it is.
   */
  static String quick(String statement, List<Token> tokens) {
    for (Token token : tokens.subList(0, Math.min(tokens.size(), CONCURRENTLY_WITHIN))) {
      if (token.is("CONCURRENTLY")) {
        return statement.substring(0, token.start()) + statement.substring(token.end());
      }
    }
    int keyword = keyword(tokens, "TABLE");
    int as = keyword < 0 ? -1 : top(tokens, keyword, Set.of("AS"));
    if (as < 0 || as + 1 >= tokens.size() || !beginsQuery(tokens.get(as + 1))) {
      return statement;
    }
    return statement.substring(0, tokens.get(queryEnd(tokens) - 1).end()) + "\nWITH NO DATA";
  }

  /** Whether the statement behind the CTEs writes. (What a CTE itself writes, PostgreSQL sees.) */
  static boolean changesData(List<Token> tokens) {
    if (tokens.isEmpty() || !tokens.getFirst().is("WITH")) {
      return false;
    }
    int reads = top(tokens, 1, READING);
    int writes = top(tokens, 1, WRITING);
    return writes >= 0 && (reads < 0 || writes < reads);
  }

  /**
   * {@code CREATE RECURSIVE VIEW v (a, b) AS q} is {@code CREATE VIEW v AS WITH RECURSIVE v (a, b)
   * AS (q) SELECT a, b FROM v} (PostgreSQL manual, CREATE VIEW).
   */
  private static Query recursiveQuery(
      String statement, List<Token> tokens, String name, int parenthesis, String body, int from) {
    int close = parenthesis;
    while (!tokens.get(close).isSymbol(')')) {
      close++;
    }
    String list =
        statement.substring(tokens.get(parenthesis).end(), tokens.get(close).start()).strip();
    String bare = name.substring(name.lastIndexOf('.') + 1);
    String head = "WITH RECURSIVE " + bare + " (" + list + ") AS (";
    return new Query(head + body + "\n) SELECT " + list + " FROM " + bare, from - head.length());
  }

  private static boolean beginsQuery(Token token) {
    return token.isSymbol('(') || token.is("WITH") || READING.contains(token.word());
  }

  /** The place of the word that says what is created, if it is {@code kind}; else −1. */
  private static int keyword(List<Token> tokens, String kind) {
    for (int i = 0; i < tokens.size(); i++) {
      String word = tokens.get(i).word();
      if (word.equals(kind)) {
        return i;
      }
      if (!MODIFIERS.contains(word)) {
        return -1;
      }
    }
    return -1;
  }

  /** The first of {@code words} from {@code from} on that is in no parentheses; −1 if none is. */
  private static int top(List<Token> tokens, int from, Set<String> words) {
    int depth = 0;
    for (int i = from; i < tokens.size(); i++) {
      Token token = tokens.get(i);
      if (token.isSymbol('(')) {
        depth++;
      } else if (token.isSymbol(')')) {
        depth--;
      } else if (depth == 0 && words.contains(token.word())) {
        return i;
      }
    }
    return -1;
  }

  private static int afterIfNotExists(List<Token> tokens, int at) {
    return tokens.get(at).is("IF") ? at + 3 : at;
  }

  private static int nameEnd(List<Token> tokens, int from) {
    int i = from;
    while (i < tokens.size()
        && !tokens.get(i).isSymbol('(')
        && !BEHIND_NAME.contains(tokens.get(i).word())) {
      i++;
    }
    return Math.max(i, from + 1);
  }

  /** Where the query ends: before WITH [CASCADED|LOCAL] CHECK OPTION and WITH [NO] DATA. */
  private static int queryEnd(List<Token> tokens) {
    int size = tokens.size();
    List<String> tail = new ArrayList<>();
    for (Token token : tokens.subList(Math.max(0, size - 4), size)) {
      tail.add(token.word());
    }
    for (List<String> ending :
        List.of(
            List.of("WITH", "CASCADED", "CHECK", "OPTION"),
            List.of("WITH", "LOCAL", "CHECK", "OPTION"),
            List.of("WITH", "CHECK", "OPTION"),
            List.of("WITH", "NO", "DATA"),
            List.of("WITH", "DATA"))) {
      int from = tail.size() - ending.size();
      if (from >= 0 && tail.subList(from, tail.size()).equals(ending)) {
        return size - ending.size();
      }
    }
    return size;
  }
}
