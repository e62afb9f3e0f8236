package dev.freshet.engine.script;

import java.util.List;
import java.util.Optional;

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
    if (parenthesised || StatementWords.QUERY.contains(first)) {
      return query(statement, tokens);
    }
    if (StatementWords.DATA.contains(first)) {
      return new Immaterial("data");
    }
    if (StatementWords.MAINTENANCE.contains(first)) {
      return new Immaterial("maintenance");
    }
    if (StatementWords.TRANSACTIONS.contains(first)) {
      return new Immaterial("transaction control");
    }
    if (StatementWords.isPrivilege(words)) {
      return new Immaterial("roles and privileges");
    }
    if (StatementWords.isOfSessionAlone(words)) {
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
    return new Definition(ViewText.quick(statement, tokens));
  }
}
