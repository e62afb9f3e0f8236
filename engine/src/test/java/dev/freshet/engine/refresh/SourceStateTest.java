package dev.freshet.engine.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.refresh.SourceState.Change;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What it means that sources are not what they were. */
class SourceStateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "publication/1/7,10/3/4,10:10 | publication/1/7,10/3/4,10:10 | NONE",
        "publication/1/7,10/3/4,10:10 | publication/1/7,10/3/4,10:99 | REWRITTEN",
        "publication/1/7,10/3/4,10:10 | publication/1/8,10/3/4,10:10 | REDEFINED",
        "10/3/4,10:10                 | 10/3/4/rls,10:10             | REDEFINED",
        "10:10                        | 10 unlogged:12               | REDEFINED",
        "10:10                        | 10:10,parent/10              | REDEFINED",
        "10:10                        | gone                         | REDEFINED",
        "10:10                        | 11:10                        | REDEFINED",
        "20:0,21:21                   | 20:0,21:21,22:22             | REDEFINED",
        "20:0,21:21                   | 20:0,21:25                   | REWRITTEN",
        "10:10,columns/a              | 10:10,columns/b              | REDEFINED",
        "10:10,function/a             | 10:10                        | REDEFINED",
        "10:10,labels=aa+bb           | 10:10,labels=aa+cc+bb        | NONE",
        "10:10,labels=aa+bb           | 10:10,labels=aa+bb+cc        | NONE",
        "10:10,labels=aa+bb           | 10:10,labels=bb+aa           | REWRITTEN",
        "10:10,labels=aa+bb           | 10:10,labels=aa+cc           | REWRITTEN",
        "10:10,labels=aa              | 10:11,labels=aa+bb           | REWRITTEN",
      })
  void difference(String before, String now, Change change) {
    assertThat(SourceState.between(before.strip(), now.strip())).isEqualTo(change);
  }
}
