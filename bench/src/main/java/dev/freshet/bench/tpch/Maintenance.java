package dev.freshet.bench.tpch;

import dev.freshet.engine.survey.JudgedQuery;
import dev.freshet.engine.survey.JudgedQuery.Full;
import dev.freshet.engine.survey.JudgedQuery.Incremental;
import dev.freshet.engine.survey.JudgedQuery.Refused;
import dev.freshet.engine.survey.ScriptFile;
import dev.freshet.engine.survey.Workload;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * How a query is maintained.
 *
 * @param label of the class
 * @param reason why not incrementally; empty if it is
 */
record Maintenance(String label, boolean incremental, String reason) {

  static Maintenance of(TpchQuery query, Connection connection) throws SQLException {
    ScriptFile script = new ScriptFile(query.name(), query.sql(), true);
    List<JudgedQuery> judged = Workload.judge(connection, List.of(script)).queries();
    return switch (judged.getFirst().outcome()) {
      case Incremental(var refreshClass) -> new Maintenance(refreshClass.label(), true, "");
      case Full(String reason) -> new Maintenance("full", false, reason);
      case Refused refused ->
          throw new IllegalStateException(query.name() + " is refused: " + refused.message());
    };
  }
}
