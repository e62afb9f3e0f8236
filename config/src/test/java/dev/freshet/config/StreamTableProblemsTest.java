package dev.freshet.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes in the section stream-tables, with the text that a person gets for each. */
final class StreamTableProblemsTest {
  @TempDir Path root;

  private Loading loading;

  @BeforeEach
  void machine() {
    loading = new Loading(root);
  }

  @Test
  void streamTablesComeFromTheFileOnly() {
    loading.env("FRESHET_STREAM_TABLES", "x").set("stream-tables", "x");

    assertThat(loading.problems())
        .containsExactly(
            """
            environment variable FRESHET_STREAM_TABLES
              stream tables cannot be given by the environment
              → use freshet.yaml\
            """,
            """
            option --set stream-tables: stream-tables
              stream tables cannot be given by an option
              → write them in freshet.yaml, or run freshet create\
            """);
  }

  @Test
  void everyMistakeInStreamTablesIsReported() {
    loading.yaml(
        """
        stream-tables:
          - query: SELECT 1
          - name: totals
            query: SELECT 1
          - name: public.t
          - name: public.T
            query: SELECT 1
            query-file: t.sql
          - name: public.u
            query: "  "
            shedule: 1s
            refresh.mode: full
            fillfactor: 5
          - name: public.v
            query-file: missing.sql
            mode:
          - public.w
        """);

    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:2:5: stream-tables[1].name
              is missing
              → write name: schema.table\
            """,
            """
            freshet.yaml:3:11: stream-tables[2].name = totals
              has no schema
              → write public.totals\
            """,
            """
            freshet.yaml:5:5: stream-tables[3].query
              is missing
              → write query: SELECT …, or query-file: file.sql\
            """,
            """
            freshet.yaml:6:11: stream-tables[4].name = public.T
              is the name of two stream tables; the first is at freshet.yaml:5:11
              → rename or remove one of them\
            """,
            """
            freshet.yaml:8:17: stream-tables[4].query-file
              stands beside query
              → keep one of them\
            """,
            """
            freshet.yaml:10:12: stream-tables[5].query
              is an empty query
              → write SELECT …\
            """,
            """
            freshet.yaml:11:5: stream-tables[5].shedule
              is not a key of a stream table
              → did you mean schedule?\
            """,
            """
            freshet.yaml:12:5: stream-tables[5].refresh.mode
              is not a key of a stream table
              → write mode, without the section\
            """,
            """
            freshet.yaml:13:17: stream-tables[5].fillfactor = 5
              is out of range
              → the range is 10 to 100 percent\
            """,
            """
            freshet.yaml:15:17: stream-tables[6].query-file = missing.sql
              cannot be read: there is no such file
              → relative names start from the folder of freshet.yaml\
            """,
            """
            freshet.yaml:16:10: stream-tables[6].mode
              has no value
              → write one, or leave the key out\
            """,
            """
            freshet.yaml:17:5: stream-tables[7]
              has no keys
              → write name, query and schedule\
            """);
  }

  @Test
  void streamTablesNamedByKeyAreCheckedToo() {
    loading.yaml("stream-tables:\n  t: {query: SELECT 1}\n  public.u: SELECT 1\n  public.v:\n");

    assertThat(loading.problems())
        .containsExactly(
            """
            freshet.yaml:2:3: stream-tables[t].name = t
              has no schema
              → write public.t\
            """,
            """
            freshet.yaml:3:13: stream-tables[public.u]
              has no keys
              → write query: and schedule: here\
            """,
            """
            freshet.yaml:4:3: stream-tables[public.v].query
              is missing
              → write query: SELECT …, or query-file: file.sql\
            """);
  }

  @Test
  void streamTablesThatAreNoListAreRefused() {
    assertThat(loading.yaml("stream-tables: public.t\n").problems())
        .containsExactly(
            """
            freshet.yaml:1:16: stream-tables
              is a list of stream tables
              → write "- name: schema.table" beneath it, indented\
            """);
  }
}
