package dev.freshet.sql.filter;

import dev.freshet.sql.Postgres;
import dev.freshet.sql.PostgresRejectedException;
import dev.freshet.sql.filter.Operand.Constant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Has PostgreSQL compute constants. All come as one row in send format (rowtypes.c, {@code
 * record_send}), which no setting changes:
 *
 * <pre>
 * row := columns(4) (type(4) length(4) byte*)*        length −1 is NULL
 * </pre>
 */
final class Constants {
  /** More than a row can have. */
  private static final int MAX = 1600;

  private Constants() {}

  /** The values by their text; none if there are too many, or one cannot be computed. */
  static Map<String, Constant> of(Set<String> texts, Postgres postgres) {
    if (texts.isEmpty() || texts.size() > MAX) {
      return Map.of();
    }
    try {
      String row = "ROW(" + String.join(", ", texts) + ")";
      return read(
          List.copyOf(texts),
          HexFormat.of()
              .parseHex(
                  postgres.evaluate(
                      "pg_catalog.encode(pg_catalog.record_send(" + row + "), 'hex')")));
    } catch (PostgresRejectedException _) {
      return Map.of(); // the query itself may never evaluate it
    }
  }

  private static Map<String, Constant> read(List<String> texts, byte[] row) {
    Map<String, Constant> values = new HashMap<>();
    int at = 4;
    for (String text : texts) {
      int length = Bytes.int4(row, at + 4);
      values.put(text, Constant.of(text, Bytes.int4(row, at), row, at + 8, length));
      at += 8 + Math.max(0, length);
    }
    return values;
  }
}
