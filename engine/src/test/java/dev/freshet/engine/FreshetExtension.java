package dev.freshet.engine;

import dev.freshet.embedded.PgVersion;
import dev.freshet.embedded.SharedServer;
import dev.freshet.engine.control.AuditReport;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives each test a {@link Freshet} of its own and applies the oracle after it: every stream table
 * equals its query, as PostgreSQL compares them in one snapshot.
 */
public final class FreshetExtension implements ParameterResolver, AfterEachCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(FreshetExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Freshet.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getStore(NAMESPACE)
        .computeIfAbsent(
            "freshet",
            _ -> {
              try {
                return Freshet.on(SharedServer.of(PgVersion.V18), settings(context));
              } catch (java.sql.SQLException e) {
                throw new IllegalStateException(e);
              }
            });
  }

  private static Map<String, String> settings(ExtensionContext context) {
    return Stream.concat(
            Stream.of(context.getRequiredTestClass()), context.getEnclosingTestClasses().stream())
        .flatMap(type -> Stream.ofNullable(type.getAnnotation(CapturedBy.class)))
        .findFirst()
        .map(by -> Map.of("cdc.mode", by.value().text()))
        .orElse(Map.of());
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    Freshet freshet = (Freshet) context.getStore(NAMESPACE).remove("freshet");
    if (freshet == null) {
      return;
    }
    try (freshet) {
      if (context.getExecutionException().isEmpty()) {
        List<AuditReport> reports = freshet.audit();
        Assertions.assertThat(reports).allMatch(AuditReport::equal);
      }
    }
  }
}
