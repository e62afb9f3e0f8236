package dev.freshet.sql.render;

import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.SqlStatement.Parameter;
import dev.freshet.sql.parse.Lexer;
import dev.freshet.sql.parse.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * Finishes SQL text for JDBC: a literal question mark (jsonb's operators) is doubled, a parameter's
 * marker becomes a question mark. Markers are characters of the private use area, which
 * PostgreSQL's own text cannot contain outside quotes.
 */
public final class SqlText {
  private static final int MARKER = 0xF0000;

  private SqlText() {}

  /** The marker of parameter {@code index}. */
  public static String marker(int index) {
    return Character.toString(MARKER + index);
  }

  /** A statement without parameters. */
  public static SqlStatement finish(String sql) {
    return finish(sql, List.of());
  }

  public static SqlStatement finish(String sql, List<Parameter> parameters) {
    var text = new StringBuilder();
    var bound = new ArrayList<Parameter>();
    int copied = 0;
    for (Token token : Lexer.tokens(sql)) {
      text.append(sql, copied, token.start());
      copied = token.end();
      int point = token.text().codePointAt(0);
      if (token.kind() == Token.Kind.OPERATOR) {
        text.append(token.text().replace("?", "??"));
      } else if (token.kind() == Token.Kind.OTHER && point >= MARKER) {
        bound.add(parameters.get(point - MARKER));
        text.append('?');
      } else {
        text.append(token.text());
      }
    }
    text.append(sql, copied, sql.length());
    return new SqlStatement(text.toString(), bound);
  }
}
