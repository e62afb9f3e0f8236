package dev.freshet.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.engine.control.AuditReport;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuditTextTest {

  private static AuditReport report(String name, boolean equal, Optional<String> error) {
    List<AuditReport.Difference> differences =
        equal ? List.of() : List.of(new AuditReport.Difference("missing", 2, "(north,7)"));
    return new AuditReport(name, equal, "10:12:10", 5, Optional.empty(), differences, error);
  }

  @Test
  void endsWithOkWhereAllAreEqual() {
    List<AuditReport> reports =
        List.of(
            report("public.a", true, Optional.empty()), report("public.b", true, Optional.empty()));
    assertThat(AuditText.lines(reports, 2)).last().isEqualTo("AUDIT OK 2/2");
  }

  @Test
  void showsTheDifferencesAndFails() {
    List<AuditReport> reports =
        List.of(
            report("public.a", true, Optional.empty()),
            report("public.b", false, Optional.empty()));
    assertThat(AuditText.lines(reports, 2))
        .anySatisfy(line -> assertThat(line).contains("missing ×2: (north,7)"))
        .last()
        .isEqualTo("AUDIT FAILED 1/2");
  }

  @Test
  void failsWhereAStreamTableWasNotAudited() {
    assertThat(AuditText.lines(List.of(report("public.a", true, Optional.empty())), 2))
        .last()
        .isEqualTo("AUDIT FAILED 1/2");
  }

  @Test
  void failsWhereAnAuditFailed() {
    assertThat(AuditText.lines(List.of(report("public.a", true, Optional.of("lost"))), 1))
        .last()
        .isEqualTo("AUDIT FAILED 0/1");
  }
}
