package dev.freshet.cdc.debezium;

import dev.freshet.cdc.wal.WalOptions;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Settings of a {@link DebeziumChangeSource}.
 *
 * @param driver user, password, TLS: what pgjdbc needs besides host, port and database
 * @param capture slot, publication, intervals and memory, as in wal mode
 */
public record DebeziumOptions(
    String host, int port, String database, String url, Properties driver, WalOptions capture) {
  /** Debezium names the publication to the server unquoted. */
  private static final Pattern PLAIN_NAME = Pattern.compile("[a-z_][a-z0-9_]*");

  public DebeziumOptions {
    if (!PLAIN_NAME.matcher(capture.publication()).matches()) {
      throw new IllegalArgumentException(
          "publication \"%s\": Debezium can only use names of lower-case letters, digits and _"
              .formatted(capture.publication()));
    }
    Properties copy = new Properties();
    copy.putAll(driver);
    driver = copy;
  }
}
