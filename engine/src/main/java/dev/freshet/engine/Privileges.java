package dev.freshet.engine;

import dev.freshet.engine.setup.Grants;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What to grant after "permission denied". PostgreSQL tells kind and name of the object in the
 * message only, so its English text is read; in another language the remedy stays general.
 */
final class Privileges {
  private static final Pattern DENIED =
      Pattern.compile("permission denied for (materialized view|foreign table|[a-z]+) (.+)");
  private static final Pattern NOT_OWNER =
      Pattern.compile("must be owner of (materialized view|foreign table|[a-z]+) (.+)");

  private static final Pattern TEMPORARY =
      Pattern.compile("permission denied to create temporary tables in database (.+)");
  private static final Pattern HIDDEN =
      Pattern.compile("query would be affected by row-level security policy for table (.+)");

  private static final String TO_ROLE = " TO " + ServerErrors.ROLE + ";";

  private Privileges() {}

  /**
   * @param reading whether it was denied to a query, not to a statement of Freshet's own
   */
  static String remedy(String message, boolean reading) {
    return grant(message, reading)
        .map(statement -> "have the owner or a superuser run:\n  " + statement)
        .orElse("freshet init --print-grants prints what the role needs");
  }

  private static Optional<String> grant(String message, boolean reading) {
    Matcher denied = DENIED.matcher(message);
    if (denied.matches()) {
      return denied(denied.group(1), unquoted(denied.group(2)), reading);
    }
    Matcher temporary = TEMPORARY.matcher(message);
    if (temporary.matches()) {
      return Optional.of(
          "GRANT TEMPORARY ON DATABASE " + quoted(unquoted(temporary.group(1))) + TO_ROLE);
    }
    Matcher hidden = HIDDEN.matcher(message);
    if (hidden.matches()) {
      return Optional.of("ALTER ROLE " + ServerErrors.ROLE + " BYPASSRLS;");
    }
    Matcher notOwner = NOT_OWNER.matcher(message);
    if (notOwner.matches()) {
      return Optional.of(
          "GRANT <owner of "
              + notOwner.group(1)
              + " "
              + quoted(unquoted(notOwner.group(2)))
              + "> TO "
              + ServerErrors.ROLE
              + ";   -- or prepare it yourself, and set cdc.manage-publication and"
              + " cdc.manage-replica-identity to false");
    }
    if (message.contains("replication") || message.contains("REPLICATION")) {
      return Optional.of("ALTER ROLE " + ServerErrors.ROLE + " REPLICATION;");
    }
    return Optional.empty();
  }

  private static Optional<String> denied(String kind, String object, boolean reading) {
    String name = quoted(object);
    return switch (kind) {
      case "table", "view", "relation", "materialized view", "foreign table" ->
          Optional.of("GRANT SELECT ON " + name + TO_ROLE);
      case "schema" ->
          Optional.of(
              object.equals("freshet")
                  ? "ALTER SCHEMA freshet OWNER TO " + ServerErrors.ROLE + ";"
                  : "GRANT USAGE" + (reading ? "" : ", CREATE") + " ON SCHEMA " + name + TO_ROLE);
      case "database" -> Optional.of("GRANT CONNECT, CREATE ON DATABASE " + name + TO_ROLE);
      case "function", "procedure" -> Optional.of("GRANT EXECUTE ON FUNCTION " + name + TO_ROLE);
      case "sequence" -> Optional.of("GRANT SELECT ON SEQUENCE " + name + TO_ROLE);
      case "type" -> Optional.of("GRANT USAGE ON TYPE " + name + TO_ROLE);
      default -> Optional.empty();
    };
  }

  /** Some messages quote the name, others do not. */
  private static String unquoted(String name) {
    return name.length() > 1 && name.startsWith("\"") && name.endsWith("\"")
        ? name.substring(1, name.length() - 1)
        : name;
  }

  private static String quoted(String name) {
    return Grants.identifier(name);
  }
}
