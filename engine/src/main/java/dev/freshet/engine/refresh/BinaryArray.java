package dev.freshet.engine.refresh;

import java.sql.SQLException;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PGBinaryObject;
import org.postgresql.util.PGobject;

/**
 * A bind parameter that is already in PostgreSQL's binary array format.
 *
 * <p>pgjdbc finds a parameter's type by name; a private name per oid is registered on the
 * connection, so that no type name has to be parsed and no catalog query is sent.
 */
final class BinaryArray extends PGobject implements PGBinaryObject {
  private static final long serialVersionUID = 1L;

  private final transient byte[] bytes;

  private BinaryArray(String typeName, byte[] bytes) {
    setType(typeName);
    this.bytes = bytes;
  }

  static BinaryArray of(PgConnection connection, int arrayOid, byte[] bytes) throws SQLException {
    String name = "freshet.array." + Integer.toUnsignedString(arrayOid);
    if (!connection.binaryTransferSend(arrayOid)) {
      connection.getQueryExecutor().addBinarySendOid(arrayOid);
    }
    connection.getTypeInfo().addCoreType(name, arrayOid, java.sql.Types.ARRAY, "java.sql.Array", 0);
    return new BinaryArray(name, bytes);
  }

  @Override
  public int lengthInBytes() {
    return bytes.length;
  }

  @Override
  public void toBytes(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, bytes.length);
  }

  @Override
  public void setByteValue(byte[] value, int offset) {
    throw new IllegalStateException("a bind parameter is not read back");
  }

  @Override
  public boolean equals(Object other) {
    return this == other;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(this);
  }
}
