package dev.freshet.cdc.trigger;

import dev.freshet.cdc.buffer.CollectedRows;
import dev.freshet.cdc.buffer.CollectedRows.Kind;
import dev.freshet.cdc.pgoutput.RelationSchema;
import dev.freshet.cdc.pgoutput.WireBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Takes images apart: what {@code record_send} writes (rowtypes.c).
 *
 * <pre>
 * image := columns(4) (type(4) length(4) byte*)*        length −1 is NULL
 * </pre>
 *
 * <p>A column whose type is not the one expected was altered; one that is missing is left out of
 * the row's schema. Either shows in the delta.
 */
final class ImageReader {
  private final Generation generation;
  private final String relationName;
  private final CollectedRows rows;
  private final int[] types;
  private final int[] offsets;
  private final int[] words;
  private int[] shape = new int[0];
  private RelationSchema schema;
  private final List<Shape> shapes = new ArrayList<>();

  private record Shape(int[] types, RelationSchema schema) {}

  ImageReader(Generation generation, String relationName, CollectedRows rows) {
    this.generation = generation;
    this.relationName = relationName;
    this.rows = rows;
    int count = generation.columns().size();
    this.types = new int[count];
    this.offsets = new int[count];
    this.words = new int[count];
    this.schema = schemaOf(List.of());
  }

  /** The letter that the trigger writes; never {@code T}. */
  private static Kind kind(byte letter) {
    return switch (letter) {
      case 'I' -> Kind.INSERTED;
      case 'U' -> Kind.UPDATED;
      case 'O' -> Kind.OLD;
      case 'D' -> Kind.DELETED;
      default -> throw new IllegalStateException("not a kind of buffer row: " + (char) letter);
    };
  }

  void read(byte letter, byte[] source, int start, int length) {
    int at = start + 4;
    int found = 0;
    int count = length == 0 ? 0 : WireBytes.getInt(source, start);
    for (int i = 0; i < count; i++) {
      CapturedColumn column = generation.columns().get(i);
      types[i] = WireBytes.getInt(source, at);
      int bytes = WireBytes.getInt(source, at + 4);
      if (types[i] != CaptureSql.MISSING_OID) {
        offsets[found] = at + 8;
        words[found++] =
            bytes < 0 ? CollectedRows.NULL : column.text() ? bytes | CollectedRows.TEXT : bytes;
      }
      at += 8 + Math.max(0, bytes);
    }
    if (shapes.isEmpty() || !Arrays.equals(shape, types)) {
      become(types.clone());
    }
    rows.add(kind(letter), schema, source, offsets, words);
  }

  private void become(int[] next) {
    shape = next;
    for (Shape known : shapes) {
      if (Arrays.equals(known.types(), next)) {
        schema = known.schema();
        return;
      }
    }
    List<RelationSchema.Column> columns = new ArrayList<>();
    for (int i = 0; i < next.length; i++) {
      CapturedColumn column = generation.columns().get(i);
      if (next[i] == column.imageType()) {
        columns.add(column.described());
      } else if (next[i] != CaptureSql.MISSING_OID) {
        columns.add(new RelationSchema.Column(column.name(), true, next[i], -1));
      }
    }
    schema = schemaOf(columns);
    shapes.add(new Shape(next, schema));
  }

  private RelationSchema schemaOf(List<RelationSchema.Column> columns) {
    int dot = relationName.indexOf('.');
    return new RelationSchema(
        generation.relation(),
        relationName.substring(0, dot),
        relationName.substring(dot + 1),
        RelationSchema.Identity.FULL,
        columns);
  }
}
