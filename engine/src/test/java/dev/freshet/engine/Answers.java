package dev.freshet.engine;

import dev.freshet.engine.control.AuditReport;
import dev.freshet.engine.control.Command;
import dev.freshet.engine.control.EngineStatus.StreamTableStatus;
import dev.freshet.engine.control.RefreshReport.Mode;
import dev.freshet.engine.control.Reply;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.Assertions;

/** What becomes of all stream tables when something happens to what they rest on. */
final class Answers {
  private final Freshet freshet;

  Answers(Freshet freshet) {
    this.freshet = freshet;
  }

  /** Creates one that goes by the number of changes alone, not by what refreshes take. */
  void create(String name, String query) {
    freshet.create(name, query, Map.of("cost", "off"));
  }

  /**
   * Runs statements, each in its own transaction, then refreshes every stream table. What is
   * refreshed must equal its query.
   *
   * @return {@code name: full} or {@code name: failed: cause} of those that noticed, by name
   */
  List<String> to(String... statements) throws SQLException {
    freshet.sql(statements);
    List<String> answers = new ArrayList<>();
    for (StreamTableStatus table : freshet.engine().status().streamTables()) {
      String name = table.name().replaceFirst("public\\.", "");
      try {
        Mode mode = refreshed(name);
        if (mode == Mode.FULL || mode == Mode.REBUILD) {
          answers.add(name + ": full");
        }
      } catch (FreshetException e) {
        answers.add(name + ": failed: " + e.getMessage());
        Assertions.assertThat(e.remedy()).as(name + ": " + e.getMessage()).isNotEmpty();
        Assertions.assertThat(freshet.status(name).state()).isIn("failed", "waiting");
      }
    }
    return answers.stream().sorted().toList();
  }

  private Mode refreshed(String name) {
    Mode mode =
        ((Reply.Refreshed)
                freshet.engine().execute(new Command.Refresh(List.of(name), Optional.empty())))
            .reports()
            .getFirst()
            .mode();
    Reply.Audited audited =
        (Reply.Audited) freshet.engine().execute(new Command.Audit(List.of(name), 5));
    Assertions.assertThat(audited.reports()).as(name).allMatch(AuditReport::equal);
    return mode;
  }
}
