package dev.freshet.cdc.trigger;

import java.util.List;
import java.util.OptionalLong;

/**
 * One table of a source's buffer.
 *
 * @param relation the source's oid
 * @param number counts up; the highest is written to
 * @param newest the highest transaction id in it, once no transaction can write to it any more
 */
record Generation(int relation, long number, List<CapturedColumn> columns, OptionalLong newest) {
  Generation {
    columns = List.copyOf(columns);
  }

  /** Schema-qualified name. */
  String table() {
    return table(relation, number);
  }

  static String table(int relation, long number) {
    return "freshet.changes_" + Integer.toUnsignedString(relation) + "_" + number;
  }

  static String function(int relation) {
    return "freshet.capture_" + Integer.toUnsignedString(relation);
  }
}
