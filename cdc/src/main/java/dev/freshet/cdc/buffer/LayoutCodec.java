package dev.freshet.cdc.buffer;

import dev.freshet.cdc.pgoutput.RelationSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A {@link RowLayout} as bytes, so that staged rows can be read by a later process. */
final class LayoutCodec {
  private static final int FORMAT = 1;

  private LayoutCodec() {}

  static byte[] encode(RowLayout layout) {
    RelationSchema schema = layout.schema();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeByte(FORMAT);
      out.writeInt(schema.oid());
      out.writeUTF(schema.namespace());
      out.writeUTF(schema.name());
      out.writeUTF(schema.identity().name());
      out.writeShort(layout.columnCount());
      for (int i = 0; i < layout.columnCount(); i++) {
        RelationSchema.Column column = layout.column(i);
        out.writeUTF(column.name());
        out.writeBoolean(column.key());
        out.writeInt(column.typeOid());
        out.writeInt(column.typeModifier());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * The layout with the captured columns only: those that were not are not described any more.
   *
   * @throws IllegalArgumentException if another version has written it
   */
  static RowLayout decode(byte[] bytes) {
    try {
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
      int format = in.readByte();
      if (format != FORMAT) {
        throw new IllegalArgumentException("layout of staged rows in format " + format);
      }
      int oid = in.readInt();
      String namespace = in.readUTF();
      String name = in.readUTF();
      RelationSchema.Identity identity = RelationSchema.Identity.valueOf(in.readUTF());
      int count = in.readShort();
      List<RelationSchema.Column> columns = new ArrayList<>(count);
      Set<String> names = new LinkedHashSet<>();
      for (int i = 0; i < count; i++) {
        RelationSchema.Column column =
            new RelationSchema.Column(in.readUTF(), in.readBoolean(), in.readInt(), in.readInt());
        columns.add(column);
        names.add(column.name());
      }
      return RowLayout.of(new RelationSchema(oid, namespace, name, identity, columns), names);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of a relation of which there are no rows. */
  static RowLayout none(int relation, String qualifiedName) {
    int dot = qualifiedName.indexOf('.');
    return RowLayout.of(
        new RelationSchema(
            relation,
            qualifiedName.substring(0, Math.max(0, dot)),
            qualifiedName.substring(dot + 1),
            RelationSchema.Identity.DEFAULT,
            List.of()),
        Set.of());
  }
}
