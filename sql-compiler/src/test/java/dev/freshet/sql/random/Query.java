package dev.freshet.sql.random;

import dev.freshet.sql.random.Relation.Output;
import java.util.List;

/** A generated query with its result's columns. */
record Query(Sql sql, List<Output> columns) {
  Query {
    columns = List.copyOf(columns);
  }
}
