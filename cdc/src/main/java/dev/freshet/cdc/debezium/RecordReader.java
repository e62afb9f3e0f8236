package dev.freshet.cdc.debezium;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.freshet.cdc.Lsn;
import dev.freshet.cdc.buffer.TransactionAssembler;
import dev.freshet.cdc.debezium.RelationCatalog.Relation;
import dev.freshet.cdc.pgoutput.PgOutputDecoder;
import dev.freshet.cdc.pgoutput.RelationSchema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * Turns Debezium's records back into {@code pgoutput} messages.
 *
 * <p>A record tells the end of its transaction's commit record, not the beginning, and that only
 * when the transaction ends. So a transaction is given the position p that this connection had
 * received when it began. It lies behind every earlier commit record and before this one, so
 *
 * <pre>
 * order      p grows from transaction to transaction
 * restart    a slot confirmed at p sends the transaction again
 * repeated   sent again after a reconnection, it gets p or less, and the assembler skips it;
 *            the first that is new gets more than the last p
 * </pre>
 */
final class RecordReader {
  /** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
  private static final long EPOCH_MICROS = 946_684_800_000_000L;

  private static final String COMMIT_END = "lsn_commit";
  private static final String COMMIT_MICROS = "ts_usec";

  /** Headers of the two records that Debezium makes of an update that changes the key. */
  private static final String DELETED_FOR_NEW_KEY = "__debezium.newkey";

  private static final String CREATED_FOR_OLD_KEY = "__debezium.oldkey";

  /** The columns of one table, as the records of one schema carry them. */
  private record Table(
      Optional<RelationSchema> schema, boolean wholeOldRows, List<Field> fields, BitSet binary) {
    static final Table UNKNOWN = new Table(Optional.empty(), false, List.of(), new BitSet());
  }

  private record Described(Schema envelope, Table table) {}

  private final RelationCatalog catalog;
  private final TransactionAssembler assembler;
  private final PgOutputDecoder decoder;
  private final PgOutputWriter writer = new PgOutputWriter();
  private final Map<String, Described> tables = new HashMap<>();

  /** By oid, the schema that the assembler knows last. */
  private final Map<Integer, RelationSchema> announced = new HashMap<>();

  private @Nullable Struct rowBeforeNewKey;
  private Lsn position = Lsn.ZERO;
  private Lsn begunAt = Lsn.ZERO;

  RecordReader(RelationCatalog catalog, TransactionAssembler assembler) {
    this.catalog = catalog;
    this.assembler = assembler;
    this.decoder = new PgOutputDecoder(assembler);
  }

  /** The slot sends what committed behind {@code start}; a transaction in progress begins anew. */
  void connected(Lsn start) {
    position = start;
    rowBeforeNewKey = null;
  }

  /**
   * Passes one record on.
   *
   * @throws SQLException if the catalog cannot be asked about a table
   */
  void read(SourceRecord event) throws SQLException {
    if (!(event.value() instanceof Struct value)) {
      return; // A heartbeat or a tombstone: nothing changed.
    }
    Schema schema = value.schema();
    if (schema.field("status") != null) {
      transaction(event, value);
    } else if (schema.field("message") != null) {
      message(value);
    } else {
      change(event, value);
    }
  }

  private void transaction(SourceRecord event, Struct value) {
    long micros = ((Number) offset(event, COMMIT_MICROS)).longValue() - EPOCH_MICROS;
    switch (value.getString("status")) {
      case "BEGIN" -> {
        String id = value.getString("id"); // xid:lsn
        begunAt = position;
        writer.begin(
            begunAt.position(), micros, Integer.parseUnsignedInt(id.substring(0, id.indexOf(':'))));
      }
      case "END" -> {
        position = new Lsn(((Number) offset(event, COMMIT_END)).longValue());
        writer.commit(begunAt.position(), position.position(), micros);
      }
      default ->
          throw new IllegalStateException("a transaction is said to be " + value.get("status"));
    }
    decoder.decode(writer.message());
  }

  private static Object offset(SourceRecord event, String name) {
    Object found = event.sourceOffset().get(name);
    if (found == null) {
      throw new IllegalStateException("no %s in the offset of %s".formatted(name, event));
    }
    return found;
  }

  private void message(Struct value) {
    Struct source = value.getStruct("source");
    Struct message = value.getStruct("message");
    boolean transactional = source.get("txId") != null;
    long lsn = source.getInt64("lsn");
    String prefix = message.getString("prefix");
    writer.message(transactional, lsn, prefix == null ? "" : prefix, content(message));
    decoder.decode(writer.message());
    if (!assembler.inTransaction()) {
      position = Lsn.max(position, new Lsn(lsn));
      assembler.reached(position);
    }
  }

  private static byte[] content(Struct message) {
    return switch (message.get("content")) {
      case byte[] bytes -> bytes;
      case java.nio.ByteBuffer buffer -> {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        yield bytes;
      }
      case String text -> text.getBytes(UTF_8);
      case Object other -> throw new IllegalStateException("message content is " + other);
    };
  }

  private void change(SourceRecord event, Struct value) throws SQLException {
    Table table = table(value);
    if (table.schema().isEmpty()) {
      return; // Renamed or dropped since; whoever read it finds its version changed.
    }
    RelationSchema schema = table.schema().get();
    announce(schema);
    int oid = schema.oid();
    Struct before = value.getStruct("before");
    Struct after = value.getStruct("after");
    char old = table.wholeOldRows() ? 'O' : 'K';
    switch (value.getString("op")) {
      case "c" -> {
        Struct replaced = rowBeforeNewKey;
        rowBeforeNewKey = null;
        if (event.headers().lastWithName(CREATED_FOR_OLD_KEY) == null) {
          writer.row('I', oid);
        } else if (replaced == null) {
          throw new IllegalStateException("an update's new row without its old one: " + event);
        } else {
          writer.row('U', oid);
          tuple(old, table, replaced);
        }
        tuple('N', table, after);
      }
      case "u" -> {
        writer.row('U', oid);
        if (before != null) {
          tuple(old, table, before);
        }
        tuple('N', table, after);
      }
      case "d" -> {
        if (event.headers().lastWithName(DELETED_FOR_NEW_KEY) != null) {
          rowBeforeNewKey = before;
          return;
        }
        writer.row('D', oid);
        tuple(old, table, before);
      }
      case "t" -> writer.truncate(oid);
      default -> throw new IllegalStateException("unknown operation in " + event);
    }
    decoder.decode(writer.message());
  }

  @SuppressWarnings("ReferenceEquality") // The mark for an unchanged value is one object.
  private void tuple(char kind, Table table, Struct row) {
    writer.tuple(kind, table.fields().size());
    for (int i = 0; i < table.fields().size(); i++) {
      Object value = row.getWithoutDefault(table.fields().get(i).name());
      if (value == null) {
        writer.nullValue();
      } else if (value == SendFormatConverter.UNCHANGED) {
        writer.unchangedValue();
      } else {
        writer.value(table.binary().get(i), (byte[]) value);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // A table's schema stays the same object until it changes.
  private void announce(RelationSchema schema) {
    if (announced.get(schema.oid()) != schema) {
      writer.relation(schema);
      decoder.decode(writer.message());
      announced.put(schema.oid(), schema);
    }
  }

  /** Debezium makes a new schema whenever the log describes the table anew. */
  @SuppressWarnings("ReferenceEquality")
  private Table table(Struct value) throws SQLException {
    Struct source = value.getStruct("source");
    String namespace = source.getString("schema");
    String name = source.getString("table");
    String key = namespace.length() + namespace + name;
    Described known = tables.get(key);
    if (known != null && known.envelope() == value.schema()) {
      return known.table();
    }
    Schema row = value.schema().field("after").schema();
    Table described =
        catalog
            .describe(namespace, name)
            .map(relation -> describe(relation, namespace, name, row))
            .orElse(Table.UNKNOWN);
    tables.put(key, new Described(value.schema(), described));
    return described;
  }

  private static Table describe(Relation relation, String namespace, String name, Schema row) {
    List<Field> fields = new ArrayList<>();
    List<RelationSchema.Column> columns = new ArrayList<>();
    BitSet binary = new BitSet();
    for (Field field : row.fields()) {
      Map<String, String> parameters = field.schema().parameters();
      String format = parameters.getOrDefault(SendFormatConverter.FORMAT, "");
      if (format.equals(SendFormatConverter.NOT_CARRIED)) {
        continue;
      }
      // A column that was renamed since is looked up in vain; its values are right nevertheless.
      RelationCatalog.Column column =
          relation
              .columns()
              .getOrDefault(field.name(), new RelationCatalog.Column(-1, false, false));
      binary.set(fields.size(), format.equals(SendFormatConverter.BINARY) || column.enumerated());
      fields.add(field);
      columns.add(
          new RelationSchema.Column(
              field.name(),
              column.key(),
              Integer.parseInt(parameters.getOrDefault(SendFormatConverter.TYPE, "")),
              column.typeModifier()));
    }
    RelationSchema schema =
        new RelationSchema(relation.oid(), namespace, name, relation.identity(), columns);
    return new Table(Optional.of(schema), relation.wholeOldRows(), fields, binary);
  }
}
