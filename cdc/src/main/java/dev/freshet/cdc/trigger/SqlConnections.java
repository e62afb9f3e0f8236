package dev.freshet.cdc.trigger;

import java.sql.Connection;
import java.sql.SQLException;

/** Where the buffers are read: ordinary connections in auto-commit mode. */
@FunctionalInterface
public interface SqlConnections {
  Connection open() throws SQLException;
}
