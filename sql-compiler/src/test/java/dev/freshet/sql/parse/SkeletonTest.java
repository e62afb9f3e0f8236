package dev.freshet.sql.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SkeletonTest {
  @Test
  void leavesOnlyKeywordsAndPunctuation() {
    Skeleton skeleton =
        Skeleton.of(
            "SELECT s.id, (a ~~ 'x,y'::text) AS \"from\" FROM (public.src s JOIN public.dim d ON"
                + " ((s.x = d.x))) WHERE (s.y > 0) GROUP BY s.id, (s.y % 2) HAVING (count(*) > 1)");
    assertThat(skeleton.text())
        .isEqualTo(
            "SELECT s_0 , s_1 AS n_0 FROM ( n_1 . n_2 n_3 JOIN n_4 . n_5 n_6 ON s_2 ) WHERE s_3"
                + " GROUP BY g_0 HAVING s_4 ");
    assertThat(skeleton.name("n_0")).isEqualTo("from");
    assertThat(skeleton.expression("s_1")).hasToString("(a ~~ 'x,y'::text)");
  }

  @Test
  void endsNoExpressionAtAKeywordInsideParentheses() {
    Skeleton skeleton =
        Skeleton.of(
            "SELECT EXTRACT(year FROM t.d) AS y, percentile_cont(0.5) WITHIN GROUP (ORDER BY t.x)"
                + " AS m, \"substring\"(t.s FROM 2 FOR 3) AS s FROM public.t");
    assertThat(skeleton.text())
        .isEqualTo("SELECT s_0 AS n_0 , s_1 AS n_1 , s_2 AS n_2 FROM n_3 . n_4 ");
  }

  @Test
  void refusesASecondStatement() {
    assertThatThrownBy(() -> Skeleton.of("SELECT t.a FROM public.t; SELECT t.b FROM public.t"))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessage("more than one statement");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatThrownBy(() -> Skeleton.of("SELECT t.a FROM public.t SOMETHING NEW"))
        .isInstanceOf(UnsupportedQueryException.class)
        .hasMessageContaining("SOMETHING");
  }

  @Test
  void splitsOnlyWhatAndConnects() {
    assertThat(conjuncts("((a = 1) AND (b = 2) AND ((c) OR (d)))"))
        .containsExactly("(a=1)", "(b=2)", "((c)OR(d))");
    assertThat(conjuncts("((a) OR ((b) AND (c)))")).containsExactly("((a)OR((b)AND(c)))");
    assertThat(conjuncts("(((a = 1)))")).containsExactly("(a=1)");
  }

  private static java.util.List<String> conjuncts(String condition) {
    return Conjuncts.of(Lexer.tokens(condition)).stream()
        .map(
            tokens ->
                tokens.stream().map(Token::text).collect(java.util.stream.Collectors.joining()))
        .toList();
  }
}
