package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.render.SqlText;
import java.nio.charset.StandardCharsets;

/** The indexes of a stream table: their names and their DDL. */
final class Indexes {
  /** NAMEDATALEN − 1: PostgreSQL cuts longer identifiers. */
  private static final int MAX_BYTES = 63;

  private Indexes() {}

  /** {@code table_freshet_purpose}; a long table name is cut and gets a digest. */
  static String name(TableName target, SliceRows rows, String purpose) {
    return named(target, "_freshet" + rows.indexSuffix() + "_" + purpose);
  }

  /** The same for a table beside the stream table. */
  static String name(TableName target, String purpose) {
    return named(target, "_freshet_" + purpose);
  }

  private static String named(TableName target, String suffix) {
    String stem = target.table();
    if (fits(stem + suffix)) {
      return stem + suffix;
    }
    String digest = "_" + Integer.toHexString(target.table().hashCode());
    while (!fits(stem + digest + suffix)) {
      stem = stem.substring(0, stem.offsetByCodePoints(stem.length(), -1));
    }
    return stem + digest + suffix;
  }

  private static boolean fits(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES;
  }

  static SqlStatement create(
      TableName target, SliceRows rows, String purpose, boolean unique, String expressions) {
    return SqlText.finish(
        "CREATE "
            + (unique ? "UNIQUE " : "")
            + "INDEX "
            + quote(name(target, rows, purpose))
            + " ON "
            + target
            + " ("
            + expressions
            + ")"
            + rows.indexPredicate());
  }
}
