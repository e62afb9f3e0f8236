package dev.freshet.engine.refresh;

import dev.freshet.sql.CompiledQuery;
import dev.freshet.sql.DeltaNeed;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Of which sources the delta is asked once per row of another one: the compiler is asked once. */
final class RepeatedDeltas {
  private final CompiledQuery query;
  private final Map<Integer, Boolean> known = new ConcurrentHashMap<>();

  RepeatedDeltas(CompiledQuery query) {
    this.query = query;
  }

  boolean contains(DeltaNeed need) {
    return known.computeIfAbsent(need.source().oid(), _ -> query.isAskedPerRow(need));
  }
}
