package dev.freshet.engine.refresh;

import dev.freshet.cdc.DeltaRows;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Delta rows that never leave the server: an upstream's refresh put them into a temporary table of
 * this transaction. Only their number is known here.
 */
record AppliedRows(int rowCount) implements DeltaRows {
  @Override
  public List<Column> columns() {
    return List.of();
  }

  @Override
  public byte[] arrayBytes(int column) {
    throw stayThere();
  }

  @Override
  public void writeCopyBinary(OutputStream out) {
    throw stayThere();
  }

  @Override
  public byte @Nullable [] value(int row, int column) {
    throw stayThere();
  }

  private static IllegalStateException stayThere() {
    return new IllegalStateException("the rows of an upstream's delta stay in the server");
  }
}
