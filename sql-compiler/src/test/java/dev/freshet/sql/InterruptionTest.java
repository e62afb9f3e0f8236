package dev.freshet.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import org.junit.jupiter.api.Test;

/** Who is interrupted while compiling has learned nothing of the query. */
class InterruptionTest {
  @Test
  void interruptedParseIsNoUnsupportedQuery() throws Exception {
    try (var database = SharedServer.of(PgVersion.V18).freshDatabase()) {
      database.execute("CREATE TABLE src (id int PRIMARY KEY, v int)");
      try (var connection = database.connect()) {
        var analyst = new Analyst(connection);
        connection.setAutoCommit(false);
        connection.createStatement().execute("SET search_path = ''");
        AnalyzedQuery query = analyst.analyze("SELECT s.id, s.v FROM public.src s WHERE s.v > 1");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> new FreshetCompiler().compile(query, analyst))
            .isInstanceOf(CompilationInterruptedException.class);
        assertThat(Thread.interrupted()).as("the status is kept for the caller").isTrue();
        assertThat(new FreshetCompiler().compile(query, analyst).refreshClass())
            .isEqualTo(RefreshClass.ALGEBRAIC);
      }
    }
  }
}
