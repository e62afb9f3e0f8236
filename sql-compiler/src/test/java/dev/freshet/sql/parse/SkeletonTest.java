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
  void showsTheParserNoClauseThatItReadsDifferently() {
    Skeleton skeleton =
        Skeleton.of(
            "SELECT t.a, rank() OVER w AS r FROM (public.t LEFT JOIN LATERAL ROWS FROM(f(t.a),"
                + " g(t.b)) WITH ORDINALITY x(p, q, o) ON (true)) GROUP BY DISTINCT ROLLUP(t.a)"
                + " WINDOW w AS (PARTITION BY t.a) ORDER BY t.a DESC OFFSET 1 FETCH FIRST (2) ROWS"
                + " WITH TIES");
    assertThat(skeleton.text())
        .isEqualTo(
            "SELECT w_0 , s_0 , s_1 AS n_0 FROM ( n_1 . n_2 LEFT JOIN f_0 ON s_2 ) GROUP BY g_0"
                + " ORDER BY t_0 ");
    assertThat(SkeletonReader.read(skeleton))
        .hasToString(
            "SELECT t.a, rank() OVER w AS \"r\" FROM"
                + " (\"public\".\"t\" LEFT JOIN LATERAL ROWS FROM(f(t.a), g(t.b)) WITH"
                + " ORDINALITY AS \"x\" (\"p\", \"q\", \"o\") ON (true)) GROUP BY DISTINCT"
                + " ROLLUP(t.a) WINDOW \"w\" AS (PARTITION BY t.a) ORDER BY t.a DESC OFFSET 1"
                + " FETCH FIRST (2) ROWS WITH TIES");
  }

  @Test
  void readsASubQueryInAnExpressionAsAQuery() {
    Skeleton skeleton =
        Skeleton.of(
            "SELECT t.a FROM t WHERE ((t.a IN ( SELECT u.a FROM u LIMIT 1)) OR (t.b = abs((("
                + " SELECT 1) UNION ( SELECT 2)))))");
    assertThat(skeleton.text()).isEqualTo("SELECT s_0 FROM n_0 WHERE s_1 ");
    assertThat(skeleton.expression("s_1"))
        .hasToString(
            "((t.a IN (SELECT u.a FROM \"u\" LIMIT 1)) OR (t.b = abs(((SELECT 1) UNION (SELECT"
                + " 2)))))");
  }

  @Test
  void readsDeeplyNestedJoins() {
    var from = new StringBuilder("t0");
    for (int i = 1; i <= 25; i++) {
      from.insert(0, "(").append(" LEFT JOIN t").append(i).append(" ON ((t0.a = 1)))");
    }
    Syntax syntax = SkeletonReader.read(Skeleton.of("SELECT t0.a FROM " + from));
    assertThat(syntax.toString()).contains("\"t25\"");
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
