package dev.freshet.cli;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A PostgreSQL of our own for commands that can do without one of the user's. Found by {@link
 * java.util.ServiceLoader}; a Freshet without one asks for a connection instead.
 */
public interface ScratchServer {

  /** What is to be done in an empty database. */
  interface Work<T> {
    T in(Connection connection) throws SQLException;
  }

  /**
   * Does {@code work} in a database that nobody else sees, in auto-commit mode, and drops the
   * database afterwards.
   */
  <T> T inNewDatabase(Work<T> work) throws SQLException;
}
