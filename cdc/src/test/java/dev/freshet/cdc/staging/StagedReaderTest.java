package dev.freshet.cdc.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.cdc.Lsn;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of staged chunks is kept in memory; there is no server that could be asked. */
class StagedReaderTest {
  private static final StagingConnections NONE =
      () -> {
        throw new SQLException("asked");
      };

  private final StagedReader reader = new StagedReader(NONE, 100);

  private static StagedChunk chunk(int generation, int number) {
    return new StagedChunk(
        generation,
        1,
        number,
        16384,
        StagedChunk.Content.ROWS,
        Lsn.ZERO,
        Instant.EPOCH,
        1,
        30,
        false,
        XidSet.of(new long[] {7}),
        new byte[0]);
  }

  private void keep(StagedChunk chunk) {
    reader.keep(
        chunk,
        new StagedChunk.Draft(
            chunk.relation(),
            chunk.content(),
            chunk.firstCommit(),
            chunk.firstTime(),
            chunk.changes(),
            chunk.continues(),
            chunk.layout(),
            new byte[20],
            new byte[] {(byte) chunk.number(), 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  }

  private List<Byte> read(StagedChunk... chunks) throws SQLException {
    List<Byte> first = new ArrayList<>();
    reader.read(List.of(chunks), (_, _, rows) -> first.add(rows[0]));
    return first;
  }

  @Test
  void readsWhatIsKeptInOrder() throws Exception {
    keep(chunk(1, 1));
    keep(chunk(2, 2));
    assertThat(read(chunk(1, 1), chunk(2, 2))).containsExactly((byte) 1, (byte) 2);
    assertThat(read()).isEmpty();
    assertThatThrownBy(() -> read(chunk(1, 1), chunk(1, 3)))
        .isInstanceOf(SQLException.class)
        .hasMessage("asked");
  }

  @Test
  void forgetsAGeneration() throws Exception {
    keep(chunk(1, 1));
    keep(chunk(2, 2));
    reader.forget(1);
    assertThat(read(chunk(2, 2))).containsExactly((byte) 2);
    assertThatThrownBy(() -> read(chunk(1, 1))).hasMessage("asked");
  }

  @Test
  void keepsNoMoreThanItMay() {
    List<StagedChunk> chunks = new ArrayList<>();
    for (int number = 1; number <= 10; number++) {
      chunks.add(chunk(1, number));
      keep(chunks.getLast());
    }
    long kept =
        chunks.stream()
            .filter(
                chunk -> {
                  try {
                    return !read(chunk).isEmpty();
                  } catch (SQLException _) {
                    return false;
                  }
                })
            .count();
    assertThat(kept).as("of 30 bytes each").isBetween(1L, 3L);
  }
}
