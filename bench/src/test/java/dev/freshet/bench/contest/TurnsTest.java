package dev.freshet.bench.contest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnsTest {
  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6})
  void eachIsInEveryPlaceAndFollowsEachOtherEquallyOften(int count) {
    List<Integer> contenders = IntStream.range(0, count).boxed().toList();
    int rounds = count % 2 == 0 ? 1 : 2;
    Map<List<Integer>, Integer> places = new HashMap<>();
    Map<List<Integer>, Integer> followers = new HashMap<>();
    for (int cycle = 0; cycle < rounds * count; cycle++) {
      List<Integer> order = Turns.of(contenders, cycle);
      assertThat(order).containsExactlyInAnyOrderElementsOf(contenders);
      for (int place = 0; place < count; place++) {
        places.merge(List.of(order.get(place), place), 1, Integer::sum);
        if (place > 0) {
          followers.merge(order.subList(place - 1, place + 1), 1, Integer::sum);
        }
      }
    }
    assertThat(places)
        .hasSize(count * count)
        .allSatisfy((_, times) -> assertThat(times).isEqualTo(rounds));
    assertThat(followers)
        .hasSize(count * (count - 1))
        .allSatisfy((_, times) -> assertThat(times).isEqualTo(rounds));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void oneAloneIsAlwaysFirst(int cycle) {
    assertThat(Turns.of(List.of("wal"), cycle)).containsExactly("wal");
  }
}
