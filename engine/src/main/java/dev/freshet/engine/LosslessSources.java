package dev.freshet.engine;

import dev.freshet.cdc.debezium.RefusedColumns;
import dev.freshet.cdc.debezium.RefusedColumns.Refused;
import dev.freshet.cdc.server.TableName;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.engine.analysis.Analysis;
import dev.freshet.sql.DeltaNeed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;

/** Refuses a query that needs columns whose values Debezium would not deliver whole. */
final class LosslessSources implements SourcePreparation {
  private final SourcePreparation next;
  private final DataSource connections;

  LosslessSources(SourcePreparation next, DataSource connections) {
    this.next = next;
    this.connections = connections;
  }

  @Override
  public List<String> prepare(Analysis analysis) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    try (Connection connection = connections.getConnection()) {
      for (DeltaNeed need : analysis.compiled().deltaNeeds()) {
        if (!analysis.isUpstream(need.source())) {
          for (Refused refused :
              RefusedColumns.of(connection, need.source().oid(), columns(need))) {
            problems.add(
                "column %s of %s is of type %s: %s"
                    .formatted(
                        refused.column(),
                        new TableName(need.source().name().schema(), need.source().name().table()),
                        refused.type(),
                        refused.reason()));
          }
        }
      }
    } catch (SQLException e) {
      throw ServerErrors.translate(e, "look at the columns of the sources");
    }
    if (!problems.isEmpty()) {
      throw FreshetException.of(
          Kind.UNSUPPORTED_QUERY,
          "cdc.mode: debezium cannot capture " + String.join("; ", problems),
          "leave the column out of the query, or set cdc.mode: wal, which carries every type");
    }
    return next.prepare(analysis);
  }

  private static Set<String> columns(DeltaNeed need) {
    Set<String> columns = new LinkedHashSet<>();
    switch (need) {
      case DeltaNeed.Keyed keyed -> columns.addAll(keyed.columns());
      case DeltaNeed.Weighted weighted -> columns.addAll(weighted.columns());
      case DeltaNeed.Reduced reduced -> {
        columns.addAll(reduced.group());
        columns.addAll(reduced.sums());
        columns.addAll(reduced.fallback().columns());
      }
    }
    return columns;
  }

  @Override
  public void retire(Collection<Integer> unusedRelations) {
    next.retire(unusedRelations);
  }
}
