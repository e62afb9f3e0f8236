package dev.freshet.sql.parse;

import dev.freshet.sql.Postgres;
import dev.freshet.sql.Postgres.FunctionKind;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Tells aggregates and set-returning functions from scalar ones, which look the same. */
final class Functions {
  private final Postgres postgres;
  private final Map<String, Set<FunctionKind>> known = new HashMap<>();

  Functions(Postgres postgres) {
    this.postgres = postgres;
  }

  /**
   * What a function is.
   *
   * @throws UnsupportedQueryException if functions of this name are of several kinds
   */
  FunctionKind kind(String schema, String name) {
    Set<FunctionKind> kinds =
        known.computeIfAbsent(
            schema + "." + name, _ -> Set.copyOf(postgres.functionKinds(schema, name)));
    if (kinds.size() > 1 && !schema.equals("pg_catalog")) {
      throw new UnsupportedQueryException(
          "functions named " + schema + "." + name + " are of several kinds: " + kinds);
    }
    return kinds.size() == 1 ? kinds.iterator().next() : FunctionKind.SCALAR;
  }
}
