package dev.freshet.sql.maintain;

import dev.freshet.sql.filter.RowCondition;
import dev.freshet.sql.filter.RowTest;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** What the change buffer's filter says of a row, of which {@code record_send} tells the values. */
public final class Noticed {
  private Noticed() {}

  /**
   * Whether a condition may be true of a row.
   *
   * @param image {@code record_send} of the condition's columns in order, in hexadecimal digits
   */
  public static boolean by(RowCondition condition, String image) {
    return mayBe(condition, true, image);
  }

  /** Whether a condition may have a truth value. */
  public static boolean mayBe(RowCondition condition, boolean value, String image) {
    byte[] bytes = HexFormat.of().parseHex(image);
    ByteBuffer row = ByteBuffer.wrap(bytes);
    int count = row.getInt(0);
    int[] types = new int[count];
    int[] starts = new int[count];
    int[] lengths = new int[count];
    int at = 4;
    for (int i = 0; i < count; i++) {
      types[i] = row.getInt(at);
      lengths[i] = row.getInt(at + 4);
      starts[i] = at + 8;
      at += 8 + Math.max(0, lengths[i]);
    }
    List<String> columns = List.copyOf(RowCondition.columns(condition));
    return RowTest.of(condition, columns, types).mayBe(value, bytes, starts, lengths);
  }
}
