package dev.freshet.sql.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LexerTest {
  private static List<String> texts(String sql) {
    return Lexer.tokens(sql).stream().map(Token::text).toList();
  }

  @Test
  void keepsEveryKindOfQuoteWhole() {
    assertThat(texts("'it''s' E'a\\'b' U&'\\0041' B'101' $q$ a ' b $q$ $$x$$ \"a\"\"b\" U&\"d\""))
        .containsExactly(
            "'it''s'",
            "E'a\\'b'",
            "U&'\\0041'",
            "B'101'",
            "$q$ a ' b $q$",
            "$$x$$",
            "\"a\"\"b\"",
            "U&\"d\"");
  }

  @Test
  void keepsOperatorsWholeAndCastsApart() {
    assertThat(texts("a !~~* b @? c #- d::text[] ?| -1.5e+3 <>-2"))
        .containsExactly(
            "a", "!~~*", "b", "@?", "c", "#-", "d", "::", "text", "[", "]", "?|", "-", "1.5e+3",
            "<>-", "2");
  }

  @Test
  void dropsComments() {
    assertThat(texts("a -- b\n/* c /* d */ e */ f")).containsExactly("a", "f");
  }

  @Test
  void tellsKeywordsFromNames() {
    List<Token> tokens = Lexer.tokens("SELECT \"select\" größe x1");
    assertThat(tokens.stream().map(Token::isKeyword)).containsExactly(true, false, false, false);
    assertThat(tokens.stream().map(Token::name)).containsExactly("SELECT", "select", "größe", "x1");
  }

  @Test
  void refusesAnUnclosedQuote() {
    assertThatThrownBy(() -> Lexer.tokens("SELECT 'abc"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("position 8");
  }
}
