package dev.freshet.embedded;

import java.util.Map;
import java.util.ServiceLoader;

/**
 * Where {@link SharedServer} gets its servers from. The system property {@value #PROPERTY} chooses
 * by name among the providers that {@link ServiceLoader} finds; the default is {@code embedded}.
 */
public interface PostgresProvider {

  /** The system property that chooses the provider. */
  String PROPERTY = "freshet.test.provider";

  /** The name by which this provider is chosen. */
  String name();

  /** Starts a server with these parameters on top of the ones that logical decoding needs. */
  PostgresServer start(PgVersion version, Map<String, String> settings);

  /** The provider that the system property names. */
  static PostgresProvider chosen() {
    String name = System.getProperty(PROPERTY, "embedded");
    if (name.equals("embedded")) {
      return new EmbeddedProvider();
    }
    return ServiceLoader.load(PostgresProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "-D%s=%s names no provider of PostgreSQL on the class path; use 'embedded'"
                        .formatted(PROPERTY, name)));
  }
}
