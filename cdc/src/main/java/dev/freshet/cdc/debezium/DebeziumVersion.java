package dev.freshet.cdc.debezium;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;

/** Loads one class of each part of Debezium that is used. */
final class DebeziumVersion {
  private DebeziumVersion() {}

  /**
   * The connector's version.
   *
   * @throws LinkageError if a part is missing
   */
  static String text() {
    String version = new PostgresConnector().version();
    return "%s (%s, %s)"
        .formatted(version, DebeziumEngine.class.getName(), Connect.class.getName());
  }
}
