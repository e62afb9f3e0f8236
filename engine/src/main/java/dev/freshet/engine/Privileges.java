package dev.freshet.engine;

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

  private static final String TO_ROLE = " TO " + ServerErrors.ROLE + ";";

  private Privileges() {}

  static String remedy(String message) {
    return grant(message)
        .map(statement -> "have the owner or a superuser run:\n  " + statement)
        .orElse("freshet init --print-grants prints what the role needs");
  }

  private static Optional<String> grant(String message) {
    Matcher denied = DENIED.matcher(message);
    if (denied.matches()) {
      String name = quoted(denied.group(2));
      return switch (denied.group(1)) {
        case "table", "view", "relation", "materialized view", "foreign table" ->
            Optional.of("GRANT SELECT ON " + name + TO_ROLE);
        case "schema" -> Optional.of("GRANT USAGE, CREATE ON SCHEMA " + name + TO_ROLE);
        case "database" -> Optional.of("GRANT CREATE ON DATABASE " + name + TO_ROLE);
        case "function", "procedure" -> Optional.of("GRANT EXECUTE ON FUNCTION " + name + TO_ROLE);
        case "sequence" -> Optional.of("GRANT SELECT ON SEQUENCE " + name + TO_ROLE);
        case "type" -> Optional.of("GRANT USAGE ON TYPE " + name + TO_ROLE);
        default -> Optional.empty();
      };
    }
    Matcher notOwner = NOT_OWNER.matcher(message);
    if (notOwner.matches()) {
      return Optional.of(
          "GRANT <owner of "
              + notOwner.group(1)
              + " "
              + quoted(notOwner.group(2))
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

  private static String quoted(String name) {
    return name.matches("[a-z_][a-z0-9_]*") ? name : '"' + name.replace("\"", "\"\"") + '"';
  }
}
