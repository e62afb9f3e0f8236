package dev.freshet.sql.parse;

import dev.freshet.sql.Postgres;
import dev.freshet.sql.PostgresRejectedException;
import dev.freshet.sql.PrintedSql;

/** Reads a definition, and makes PostgreSQL confirm that nothing was misread. */
final class DefinitionReader {
  private DefinitionReader() {}

  /**
   * @param printed what PostgreSQL printed
   * @throws UnsupportedQueryException if the definition has a clause that is not compiled, or if
   *     what was read means something else to PostgreSQL
   */
  static Syntax read(String printed, Postgres postgres) {
    String definition = PrintedSql.accepted(printed);
    Skeleton skeleton;
    try {
      skeleton = Skeleton.of(definition);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedQueryException(String.valueOf(e.getMessage()));
    }
    Syntax syntax = SkeletonReader.read(skeleton);
    requireSameMeaning(definition, syntax, postgres);
    return syntax;
  }

  /**
   * PostgreSQL's own text is stable only from the second trip on: compare what it prints of both.
   */
  private static void requireSameMeaning(String definition, Syntax syntax, Postgres postgres) {
    String read;
    String expected;
    try {
      read = postgres.normalise(syntax.toString());
      expected = postgres.normalise(definition);
    } catch (PostgresRejectedException e) {
      throw new UnsupportedQueryException(
          "does not survive the round trip through the parser: " + e.getMessage());
    }
    if (!withoutHints(read).equals(withoutHints(expected))) {
      throw new UnsupportedQueryException(
          "does not survive the round trip through the parser: PostgreSQL reads " + read);
    }
  }

  private static String withoutHints(String sql) {
    StringBuilder text = new StringBuilder();
    for (Token token : Lexer.tokens(sql)) {
      if (!token.is("MATERIALIZED") && !(token.is("NOT") && hint(sql, token))) {
        text.append(token.text()).append(' ');
      }
    }
    return text.toString();
  }

  private static boolean hint(String sql, Token not) {
    return sql.substring(not.end()).stripLeading().startsWith("MATERIALIZED");
  }
}
