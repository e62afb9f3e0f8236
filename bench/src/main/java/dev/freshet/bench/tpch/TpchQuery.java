package dev.freshet.bench.tpch;

/**
 * One of the 22 queries.
 *
 * @param name {@code q01} to {@code q22}
 * @param comment what it asks
 */
record TpchQuery(String name, String comment, String sql) {

  int number() {
    return Integer.parseInt(name.substring(1));
  }
}
