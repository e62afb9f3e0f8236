package dev.freshet.cdc.pgoutput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.embedded.Database;
import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Bytes as the manual's "Logical Replication Message Formats" lays them out, and real ones. */
class PgOutputDecoderTest {
  private static List<String> decode(String hex) {
    RecordingHandler handler = new RecordingHandler();
    new PgOutputDecoder(handler)
        .decode(ByteBuffer.wrap(HexFormat.of().parseHex(hex.replace(" ", ""))));
    return handler.events;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Begin: final LSN, time, xid (beyond 2³¹: it is unsigned and kept as bits)
        "42 0000000001A2B3C0 00000000000003E8 FFFFFFFE | begin commit=1A2B3C0 time=1000 xid=-2",
        "43 00 0000000001A2B3C0 0000000001A2B3F0 00000000000003E8"
            + "| commit at=1A2B3C0 end=1A2B3F0 time=1000",
        "4F 0000000001A2B3C0 6F726700 | origin org",
        "52 00004001 7075626C696300 7400 64 0002 01 696400 00000017 FFFFFFFF"
            + " 00 7600 00000019 FFFFFFFF | relation public.t DEFAULT id*:23,v:25",
        "52 00000A55 00 67 5F 00 66 0000 | relation pg_catalog.g_ FULL ",
        "59 00004005 7075626C696300 6D6F6F6400 | type public.mood",
        "49 00004001 4E 0003 62 00000004 00000001 6E 74 00000002 6869"
            + "| insert (b:00000001,n,t:hi)",
        "55 00004001 4E 0002 62 00000004 00000001 75 | update (b:00000001,u)",
        "55 00004001 4B 0002 62 00000004 00000001 6E 4E 0002 62 00000004 00000002 62 00000000"
            + "| update KEY (b:00000001,n) -> (b:00000002,b:)",
        "55 00004001 4F 0001 74 00000001 61 4E 0001 74 00000001 62"
            + "| update FULL (t:a) -> (t:b)",
        "44 00004001 4B 0001 62 00000004 00000001 | delete KEY (b:00000001)",
        "44 00004001 4F 0001 6E | delete FULL (n)",
        "54 00000002 03 00004001 00004002 | truncate 2 cascade=true restart=true",
        "54 00000001 00 00004001 | truncate 1 cascade=false restart=false",
        "4D 00 0000000001A2B3C0 6672657368657400 00000003 616263 | message false freshet abc",
        "4D 01 0000000001A2B3C0 7000 00000000 | message true p ",
      })
  void readsEveryKindOfMessage(String hex, String event) {
    assertThat(decode(hex)).hasSize(1).first().asString().isEqualToIgnoringWhitespace(event);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "58 | no known kind",
        "42 0000000001A2B3C0 | too early",
        "49 00004001 4E 0001 78 | 0x78",
        "49 00004001 4F 0001 6E | expected N",
        "44 00004001 4E 0001 6E | expected K or O",
        "44 00004001 4B 0001 6E FF | 10 bytes",
        "49 00004001 4E 0001 62 00000009 01 | bytes",
      })
  void refusesWhatIsNoMessage(String hex, String problem) {
    assertThatThrownBy(() -> decode(hex))
        .isInstanceOf(MalformedMessageException.class)
        .hasMessageContaining(problem.trim());
  }

  @Test
  void readsWithinALargerArray() {
    RecordingHandler handler = new RecordingHandler();
    byte[] bytes =
        HexFormat.of().parseHex("0000" + "5900004005700074 00".replace(" ", "") + "0000");
    new PgOutputDecoder(handler).decode(ByteBuffer.wrap(bytes, 2, bytes.length - 4).slice());
    assertThat(handler.events).containsExactly("type p.t");
  }

  @ParameterizedTest
  @EnumSource(PgVersion.class)
  void readsWhatPostgresSends(PgVersion version) throws Exception {
    RecordingHandler handler = new RecordingHandler();
    PgOutputDecoder decoder = new PgOutputDecoder(handler);
    try (Database database = SharedServer.of(version).freshDatabase();
        Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      String slot = "decoder_" + ProcessHandle.current().pid();
      for (String sql :
          List.of(
              "CREATE TYPE mood AS ENUM ('ok')",
              "CREATE TABLE t (id int PRIMARY KEY, m mood, big text, acl aclitem)",
              "ALTER TABLE t ALTER big SET STORAGE EXTERNAL",
              "CREATE TABLE f (v text)",
              "ALTER TABLE f REPLICA IDENTITY FULL",
              "CREATE PUBLICATION p FOR TABLE t, f",
              "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot),
              "SELECT pg_replication_origin_create('elsewhere_%s')".formatted(slot),
              "BEGIN; INSERT INTO t VALUES (1, 'ok', repeat('x', 5000), 'postgres=r/postgres');"
                  + " UPDATE t SET m = NULL; UPDATE t SET id = 2; DELETE FROM t; COMMIT",
              "BEGIN; INSERT INTO f VALUES ('a'); UPDATE f SET v = 'b'; DELETE FROM f;"
                  + " TRUNCATE t, f RESTART IDENTITY CASCADE; COMMIT",
              "BEGIN; SELECT pg_logical_emit_message(true, 'in', 'x');"
                  + " SELECT pg_logical_emit_message(false, 'out', 'y'); COMMIT",
              "SELECT pg_replication_origin_session_setup('elsewhere_%s')".formatted(slot),
              "INSERT INTO f VALUES ('o')",
              "SELECT pg_replication_origin_session_reset()")) {
        statement.execute(sql);
      }
      try (ResultSet row =
          statement.executeQuery(
              "SELECT data FROM pg_logical_slot_get_binary_changes('%s', NULL, NULL, 'proto_version', '1', 'publication_names', 'p', 'binary', 'true', 'messages', 'true')"
                  .formatted(slot))) {
        while (row.next()) {
          decoder.decode(ByteBuffer.wrap(row.getBytes(1)));
        }
      }
      statement.execute("SELECT pg_replication_origin_drop('elsewhere_%s')".formatted(slot));
    }
    assertThat(handler.events.stream().map(e -> e.replaceAll(" (commit|at|elsewhere).*", "")))
        .containsSubsequence("begin", "type public.mood")
        .containsSubsequence("message true in x", "begin", "origin", "insert (b:6f)", "commit");
    assertThat(handler.events)
        .contains(
            "relation public.f FULL v*:25",
            "update FULL (b:61) -> (b:62)",
            "delete FULL (b:62)",
            "truncate 2 cascade=true restart=true",
            "message false out y",
            "update (b:00000001,n,u,t:postgres=r/postgres)",
            "delete KEY (b:00000002,n,n,n)");
    assertThat(handler.events)
        .anySatisfy(e -> assertThat(e).startsWith("update KEY (b:00000001,n,n,n) -> (b:00000002"));
  }
}
