package dev.freshet.sql;

/** Compiles defining queries. Stateless and thread-safe. */
public interface QueryCompiler {
  /**
   * Never fails for a query that PostgreSQL analysed: what is not understood is maintained in full,
   * and {@link CompiledQuery#explain} says why.
   *
   * @throws CompilationInterruptedException if the thread is interrupted meanwhile
   */
  CompiledQuery compile(AnalyzedQuery query, Postgres postgres);
}
