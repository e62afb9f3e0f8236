package dev.freshet.sql.filter;

import java.util.Arrays;
import java.util.HexFormat;

/** What a condition compares. */
public sealed interface Operand {
  /** Of {@code pg_type}. */
  int typeOid();

  /** A column of the row. */
  record Column(String name, int typeOid) implements Operand {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A value that PostgreSQL computed.
   *
   * @param sql the expression, as in the query
   * @param hex its send format in hexadecimal digits; empty for NULL too, see {@link #isNull}
   */
  record Constant(String sql, int typeOid, String hex, boolean isNull) implements Operand {
    byte[] bytes() {
      return HexFormat.of().parseHex(hex);
    }

    /**
     * Whether its bytes are the same in every encoding. Text that a trigger kept is in the encoding
     * of whoever wrote the row, and all of those agree on ASCII alone: a text of other characters
     * is not equal to one of these, in none of them.
     */
    boolean isAscii() {
      for (byte b : bytes()) {
        if (b < 0) {
          return false;
        }
      }
      return true;
    }

    /** A value as it is in a row. */
    static Constant of(String sql, int typeOid, byte[] row, int from, int length) {
      return length < 0
          ? new Constant(sql, typeOid, "", true)
          : new Constant(
              sql,
              typeOid,
              HexFormat.of().formatHex(Arrays.copyOfRange(row, from, from + length)),
              false);
    }

    @Override
    public String toString() {
      return sql;
    }
  }
}
