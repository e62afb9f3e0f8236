package dev.freshet.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection in one text: libpq's URI (PostgreSQL manual, "Connection URIs") or pgjdbc's URL. It
 * is taken apart into the texts of the single {@code database.…} keys, which are then checked as if
 * they had been written one by one.
 *
 * @param parts key → text, only what the URL says
 */
record ConnectionUrl(Map<String, String> parts) {
  private static final Pattern SHAPE =
      Pattern.compile(
          "(?:jdbc:)?postgres(?:ql)?://"
              + "(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?"
              + "(?<host>\\[[^\\]]*\\]|[^:/?,@]*)(?::(?<port>[^/?,@]*))?(?<more>,[^/?@]*)?"
              + "(?:/(?<name>[^?@]*))?(?:\\?(?<query>.*))?");
  private static final Pattern PASSWORD_IN_AUTHORITY = Pattern.compile("(//[^:/?]*:).*@");
  private static final Pattern PASSWORD_IN_QUERY =
      Pattern.compile("([?&](?:ssl)?password=)[^&]*", Pattern.CASE_INSENSITIVE);

  /** Parameters of libpq's URI and of pgjdbc's URL, by their lower-case names. */
  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("host", "database.host"),
          Map.entry("port", "database.port"),
          Map.entry("dbname", "database.name"),
          Map.entry("user", "database.user"),
          Map.entry("password", "database.password"),
          Map.entry("sslmode", "database.ssl.mode"),
          Map.entry("sslrootcert", "database.ssl.root-cert"),
          Map.entry("sslcert", "database.ssl.cert"),
          Map.entry("sslkey", "database.ssl.key"),
          Map.entry("application_name", "database.application-name"),
          Map.entry("ApplicationName", "database.application-name"),
          Map.entry("connect_timeout", "database.connect-timeout"),
          Map.entry("connectTimeout", "database.connect-timeout"));

  ConnectionUrl {
    parts = Map.copyOf(parts);
  }

  /**
   * Takes {@code text} apart.
   *
   * @throws InvalidValueException where it is no connection URL, or has a parameter that Freshet
   *     does not know
   */
  static ConnectionUrl parse(String text) {
    Matcher url = SHAPE.matcher(text);
    if (!url.matches()) {
      throw notAUrl();
    }
    Map<String, String> parts = new LinkedHashMap<>();
    group(url, "user").ifPresent(value -> add(parts, "user", value));
    group(url, "password").ifPresent(value -> add(parts, "password", value));
    if (url.group("more") != null) {
      String first = url.group("host") + (url.group("port") == null ? "" : ":" + url.group("port"));
      add(parts, "host", decode(first + url.group("more")));
    } else {
      group(url, "host")
          .map(host -> host.startsWith("[") ? host.substring(1, host.length() - 1) : host)
          .ifPresent(value -> add(parts, "host", value));
      group(url, "port").ifPresent(value -> add(parts, "port", value));
    }
    group(url, "name").ifPresent(value -> add(parts, "dbname", value));
    String query = url.group("query");
    if (query != null && !query.isEmpty()) {
      for (String parameter : query.split("&", -1)) {
        addParameter(parts, parameter);
      }
    }
    return new ConnectionUrl(parts);
  }

  private static Optional<String> group(Matcher url, String name) {
    String value = url.group(name);
    return value == null || value.isEmpty() ? Optional.empty() : Optional.of(decode(value));
  }

  private static void addParameter(Map<String, String> parts, String parameter) {
    int equals = parameter.indexOf('=');
    String name = equals < 0 ? parameter : parameter.substring(0, equals);
    if (name.contains("@")) {
      throw notAUrl(); // what precedes the @ may be the end of a password: do not show it
    }
    if (equals > 0 && isPrimaryAsked(name, parameter.substring(equals + 1))) {
      return; // of several hosts, the primary is taken anyway
    }
    if (equals < 0 || !PARAMETERS.containsKey(name)) {
      throw new InvalidValueException(
          "has the unknown parameter \"" + name + "\"",
          Nearest.to(name, PARAMETERS.keySet())
              .map(nearest -> "did you mean " + nearest + "?")
              .orElse(
                  "leave it out; known are "
                      + String.join(", ", new TreeSet<>(PARAMETERS.keySet()))));
    }
    add(parts, name, decode(parameter.substring(equals + 1)));
  }

  private static boolean isPrimaryAsked(String name, String value) {
    return (name.equals("target_session_attrs") && List.of("primary", "read-write").contains(value))
        || (name.equals("targetServerType") && List.of("primary", "master").contains(value));
  }

  /** {@code values} with what this URL says in their place; what is not valid is reported. */
  Values over(Values values, Place place, Consumer<ConfigProblem> problems) {
    Values result = values;
    for (Map.Entry<String, String> part : new TreeMap<>(parts).entrySet()) {
      Optional<Setting<?>> setting = Settings.ofKey(part.getKey());
      if (setting.isPresent()) {
        result = setting.get().read(result, part.getValue(), place, problems);
      }
    }
    return result;
  }

  /** The key that a parameter of libpq's sets. */
  static Optional<String> key(String parameter) {
    return Optional.ofNullable(PARAMETERS.get(parameter));
  }

  private static void add(Map<String, String> parts, String parameter, String value) {
    String key = PARAMETERS.getOrDefault(parameter, "");
    boolean seconds = key.equals("database.connect-timeout") && value.matches("\\d+");
    if (parts.put(key, seconds ? value + "s" : value) != null) {
      throw new InvalidValueException("says " + parameter + " twice", "keep one of them");
    }
  }

  private static InvalidValueException notAUrl() {
    return new InvalidValueException(
        "is not a connection URL",
        "write postgresql://user@host:5432/database, and in user and password %40 for @, %3A for :,"
            + " %2F for /, %3F for ?, %25 for %");
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw new InvalidValueException(
          "has a broken percent escape", "write a literal % as %25 in a URL");
    }
  }

  /** {@code text} without its passwords; works on broken URLs, too. */
  static String masked(String text) {
    String authority = PASSWORD_IN_AUTHORITY.matcher(text).replaceAll("$1" + Secret.MASK + "@");
    return PASSWORD_IN_QUERY.matcher(authority).replaceAll("$1" + Secret.MASK);
  }

  @Override
  public String toString() {
    Map<String, String> shown = new LinkedHashMap<>(parts);
    shown.replace("database.password", Secret.MASK);
    return shown.toString();
  }
}
