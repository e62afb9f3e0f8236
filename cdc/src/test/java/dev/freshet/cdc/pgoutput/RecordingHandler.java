package dev.freshet.cdc.pgoutput;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/** Writes down what a decoder tells, one line per message. */
final class RecordingHandler implements PgOutputHandler {
  final List<String> events = new ArrayList<>();
  final List<RelationSchema> relations = new ArrayList<>();

  @Override
  public void begin(long commitLsn, long commitMicros, int xid) {
    events.add("begin commit=%X time=%d xid=%d".formatted(commitLsn, commitMicros, xid));
  }

  @Override
  public void commit(long commitLsn, long endLsn, long commitMicros) {
    events.add("commit at=%X end=%X time=%d".formatted(commitLsn, endLsn, commitMicros));
  }

  @Override
  public void origin(long commitLsn, String name) {
    events.add("origin " + name);
  }

  @Override
  public void relation(RelationSchema schema) {
    relations.add(schema);
    events.add(
        "relation %s %s %s"
            .formatted(
                schema.qualifiedName(),
                schema.identity(),
                schema.columns().stream()
                    .map(c -> c.name() + (c.key() ? "*" : "") + ":" + c.typeOid())
                    .collect(Collectors.joining(","))));
  }

  @Override
  public void type(int oid, String namespace, String name) {
    events.add("type " + namespace + "." + name);
  }

  @Override
  public void insert(int relation, Tuple row) {
    events.add("insert " + text(row));
  }

  @Override
  public void update(int relation, Tuple row) {
    events.add("update " + text(row));
  }

  @Override
  public void update(int relation, OldRow kind, Tuple old, Tuple row) {
    events.add("update " + kind + " " + text(old) + " -> " + text(row));
  }

  @Override
  public void delete(int relation, OldRow kind, Tuple old) {
    events.add("delete " + kind + " " + text(old));
  }

  @Override
  public void truncate(int[] truncated, boolean cascade, boolean restartIdentity) {
    events.add(
        "truncate %d cascade=%b restart=%b".formatted(truncated.length, cascade, restartIdentity));
  }

  @Override
  public void message(boolean transactional, long lsn, String prefix, ByteBuffer content) {
    events.add("message %b %s %s".formatted(transactional, prefix, UTF_8.decode(content)));
  }

  private static String text(Tuple tuple) {
    String[] values = new String[tuple.columnCount()];
    Arrays.setAll(
        values,
        i ->
            switch (tuple.format(i)) {
              case Tuple.NULL -> "n";
              case Tuple.UNCHANGED -> "u";
              case Tuple.TEXT -> "t:" + new String(tuple.copy(i), UTF_8);
              default -> "b:" + HexFormat.of().formatHex(tuple.copy(i));
            });
    return "(" + String.join(",", values) + ")";
  }
}
