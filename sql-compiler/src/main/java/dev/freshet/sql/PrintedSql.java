package dev.freshet.sql;

import dev.freshet.sql.parse.Lexer;
import dev.freshet.sql.parse.Token;
import java.util.List;

/**
 * What {@code pg_get_viewdef} prints, as PostgreSQL accepts it.
 *
 * <p>It prints the negation of a constant as {@code (- 0)}, which its parser takes for the constant
 * itself: in GROUP BY and ORDER BY for a position, or for something that may not stand there. With
 * the constant's type, {@code (- 0::integer)}, it is a negation again. A number without quotes is
 * an integer or, with a point or an exponent, numeric (ruleutils.c, {@code get_const_expr}).
 */
public final class PrintedSql {
  private PrintedSql() {}

  /** The text with every negated constant's type spelt out. */
  public static String accepted(String definition) {
    List<Token> tokens = Lexer.tokens(definition);
    var text = new StringBuilder();
    int copied = 0;
    for (int i = 3; i < tokens.size(); i++) {
      Token number = tokens.get(i - 1);
      boolean negated =
          tokens.get(i - 3).is("(")
              && tokens.get(i - 2).is("-")
              && number.kind() == Token.Kind.NUMBER
              && tokens.get(i).is(")");
      if (negated) {
        boolean integer = number.text().chars().allMatch(Character::isDigit);
        text.append(definition, copied, number.end()).append(integer ? "::integer" : "::numeric");
        copied = number.end();
      }
    }
    return text.append(definition.substring(copied)).toString();
  }
}
