package dev.freshet.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.RefreshReport;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A delta in a graph fails on a value that the query never evaluates. */
class UnneededValueInGraphTest {
  private static final Map<String, String> INCREMENTAL =
      Map.of("max-change-ratio", "1", "cost", "off");

  /** EXISTS finds its answer in the first row and never unpacks the second. */
  private static final String QUERY =
      "SELECT id, n FROM doc WHERE EXISTS (SELECT FROM doc AS d"
          + " LEFT JOIN LATERAL jsonb_array_elements(d.body) AS e ON TRUE)";

  @ParameterizedTest
  @EnumSource(names = {"V15", "V18"})
  void memberIsRefreshedInFullAndTheOthersFollow(PgVersion version) throws Exception {
    try (Freshet freshet = Freshet.on(SharedServer.of(version), Map.of())) {
      freshet.sql(
          "CREATE TABLE doc (id int PRIMARY KEY, n int, body jsonb)",
          "INSERT INTO doc VALUES (1, 1, NULL), (2, 2, '3'), (3, 3, '[]')");
      freshet.create("base", "SELECT id, n FROM doc", INCREMENTAL);
      freshet.create("found", QUERY + " AND id IN (SELECT id FROM base)", INCREMENTAL);
      freshet.create("sibling", "SELECT sum(n) AS n FROM base", INCREMENTAL);
      freshet.create("total", "SELECT sum(n) AS n FROM found", INCREMENTAL);
      freshet.sql("DELETE FROM doc WHERE id = 2");
      Map<String, RefreshReport> reports = refreshAll(freshet);
      assertThat(reports.get("found").mode()).isEqualTo(Mode.FULL);
      assertThat(reports.get("found").reason())
          .contains("could not be evaluated", "cannot extract elements");
      assertThat(List.of("base", "sibling", "total"))
          .allMatch(name -> reports.get(name).mode() == Mode.INCREMENTAL);
      assertThat(freshet.rows("SELECT n FROM total")).containsExactly("(4)");
      assertThat(freshet.rows("SELECT DISTINCT snapshot::text FROM freshet.frontier")).hasSize(1);
      assertThat(freshet.audit()).hasSize(4).allMatch(AuditReport::equal);
      freshet.sql("INSERT INTO doc VALUES (4, 4, '[]')");
      assertThat(refreshAll(freshet).get("found").mode()).isEqualTo(Mode.INCREMENTAL);
      assertThat(freshet.audit()).allMatch(AuditReport::equal);
    }
  }

  private static Map<String, RefreshReport> refreshAll(Freshet freshet) {
    Reply.Refreshed refreshed =
        (Reply.Refreshed)
            freshet.engine().execute(new Command.Refresh(List.of(), Optional.empty()));
    return refreshed.reports().stream()
        .collect(Collectors.toMap(r -> r.name().replace("public.", ""), r -> r));
  }
}
