package dev.freshet.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.survey.JudgedQuery;
import dev.freshet.engine.survey.JudgedQuery.Full;
import dev.freshet.engine.survey.JudgedQuery.Refused;
import dev.freshet.engine.survey.ScriptFile;
import dev.freshet.engine.survey.WorkloadReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The corpus is valid, large, and its coverage is what the documentation says.
 *
 * <p>The page is generated: {@code -Dfreshet.update-reference=true} rewrites it.
 */
class CorpusTest {
  private static final int PROMISED = 300;
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ""), "../docs/reference/coverage.md").normalize();

  private static List<ScriptFile> files;
  private static WorkloadReport report;

  @BeforeAll
  static void judge() throws IOException, SQLException {
    files = Corpus.files();
    report = Corpus.judge(files);
    System.out.printf(
        "corpus: %d views, %d incremental, %d full, %d refused%n",
        report.queries().size(), report.incremental(), report.full(), report.refused());
    if (Boolean.getBoolean("freshet.update-reference")) {
      Files.writeString(PAGE, CoveragePage.markdown(files, report));
    }
  }

  @Test
  void postgresAcceptsEveryStatement() {
    assertThat(report.failures()).isEmpty();
    assertThat(report.skipped()).isEmpty();
  }

  @Test
  void noQueryIsRefused() {
    assertThat(report.queries()).filteredOn(query -> query.outcome() instanceof Refused).isEmpty();
  }

  @Test
  void holdsAsManyViewsAsPromised() {
    assertThat(report.queries()).hasSizeGreaterThanOrEqualTo(PROMISED);
  }

  @Test
  void everyViewAnswersAQuestion() {
    assertThat(report.queries())
        .allSatisfy(
            query ->
                assertThat(query.comment()).as("%s", query.place()).isNotEmpty().endsWith("?"));
  }

  @Test
  void everyFullRefreshHasAReason() {
    assertThat(report.queries())
        .extracting(JudgedQuery::outcome)
        .filteredOn(Full.class::isInstance)
        .allSatisfy(outcome -> assertThat(((Full) outcome).reason()).isNotBlank());
  }

  @Test
  void pageIsUpToDate() {
    assertThat(PAGE)
        .as("generated; rewrite with -Dfreshet.update-reference=true")
        .content()
        .isEqualTo(CoveragePage.markdown(files, report));
  }
}
