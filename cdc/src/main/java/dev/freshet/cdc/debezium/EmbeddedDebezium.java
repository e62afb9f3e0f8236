package dev.freshet.cdc.debezium;

import dev.freshet.cdc.Lsn;
import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of Debezium's engine, from the slot's confirmed position until it is closed or fails.
 *
 * <p>Its offsets live in memory and are empty at the start: Debezium then streams from where the
 * slot stands. All that is ever marked as processed is the position to confirm.
 */
final class EmbeddedDebezium implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedDebezium.class);

  /** How often Debezium asks the server for what it may have forgotten to send. */
  private static final int STATUS_MILLIS = 50;

  private static final int POLL_MILLIS = 5;
  private static final int MAX_BATCH = 2048;
  private static final int SHUTDOWN_MILLIS = 10_000;

  /** Whatever a database's settings are, output text reads the same. */
  private static final String SESSION =
      "-c bytea_output=hex -c extra_float_digits=1 -c datestyle=ISO -c intervalstyle=postgres";

  /** Told what happens, on the engine's thread. */
  interface Handler {
    /** The batch was read; everything before the returned position may be confirmed. */
    Optional<Lsn> confirmation();
  }

  private final Handler handler;
  private final RecordReader reader;
  private final DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
  private volatile Optional<Throwable> failure = Optional.empty();

  EmbeddedDebezium(DebeziumOptions options, RecordReader reader, Handler handler) {
    this.handler = handler;
    this.reader = reader;
    this.engine =
        DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
            .using(properties(options))
            .using(OffsetCommitPolicy.always())
            .using(this::ended)
            .notifying(this::handle)
            .build();
  }

  private void ended(boolean success, String message, Throwable error) {
    if (!success) {
      failure = Optional.of(error == null ? new IllegalStateException(message) : error);
    }
  }

  /** Streams until closed; tells why if it ended by itself. */
  Optional<Throwable> run() {
    engine.run();
    return failure;
  }

  private void handle(
      List<RecordChangeEvent<SourceRecord>> batch,
      RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
      throws InterruptedException {
    try {
      for (RecordChangeEvent<SourceRecord> event : batch) {
        reader.read(event.record());
      }
    } catch (SQLException e) {
      throw new CatalogException(e);
    }
    Optional<Lsn> confirmed = handler.confirmation();
    if (confirmed.isPresent() && !batch.isEmpty()) {
      DebeziumEngine.Offsets offsets = committer.buildOffsets();
      offsets.set("lsn_commit", confirmed.get().position());
      offsets.set("lsn_proc", confirmed.get().position());
      committer.markProcessed(batch.getLast(), offsets);
      committer.markBatchFinished();
    }
  }

  /** The server did not answer a question about its catalog. */
  private static final class CatalogException extends RuntimeException {
    CatalogException(SQLException cause) {
      super(cause);
    }
  }

  private static Properties properties(DebeziumOptions options) {
    String slot = options.capture().slot();
    Properties properties = new Properties();
    options
        .driver()
        .forEach(
            (name, value) -> {
              switch (String.valueOf(name)) {
                case "user", "password" -> properties.put("database." + name, value);
                default -> properties.put("driver." + name, value);
              }
            });
    properties.put("driver.options", SESSION);
    properties.put("name", "freshet_" + slot);
    properties.put("topic.prefix", "freshet_" + slot);
    properties.put("connector.class", PostgresConnector.class.getName());
    properties.put("offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore");
    properties.put("database.hostname", options.host());
    properties.put("database.port", Integer.toString(options.port()));
    properties.put("database.dbname", options.database());
    properties.put("plugin.name", "pgoutput");
    properties.put("slot.name", slot);
    properties.put("slot.drop.on.stop", "false");
    properties.put("slot.max.retries", "0");
    properties.put("publication.name", options.capture().publication());
    properties.put("publication.autocreate.mode", "disabled");
    properties.put("lsn.flush.mode", "connector");
    properties.put("status.update.interval.ms", Integer.toString(STATUS_MILLIS));
    properties.put("snapshot.mode", "no_data");
    properties.put("provide.transaction.metadata", "true");
    properties.put("skipped.operations", "none");
    properties.put("tombstones.on.delete", "false");
    properties.put("decimal.handling.mode", "string");
    properties.put("include.unknown.datatypes", "true");
    properties.put("converters", "freshet");
    properties.put("freshet.type", SendFormatConverter.class.getName());
    properties.put("event.processing.failure.handling.mode", "fail");
    properties.put("event.converting.failure.handling.mode", "fail");
    properties.put("errors.max.retries", "0");
    properties.put("poll.interval.ms", Integer.toString(POLL_MILLIS));
    properties.put("max.batch.size", Integer.toString(MAX_BATCH));
    properties.put("max.queue.size", Integer.toString(MAX_BATCH * 4));
    properties.put("task.management.timeout.ms", Integer.toString(SHUTDOWN_MILLIS));
    return properties;
  }

  /** Ends the run; the slot is free soon after. */
  @Override
  public void close() {
    try {
      engine.close();
    } catch (IOException | IllegalStateException e) {
      log.debug("Debezium's engine was not running any more: {}", e.getMessage());
    }
  }
}
