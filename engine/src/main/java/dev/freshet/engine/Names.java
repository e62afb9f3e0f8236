package dev.freshet.engine;

import dev.freshet.config.InvalidValueException;
import dev.freshet.engine.FreshetException.Kind;
import dev.freshet.sql.TableName;

/** Reads names of stream tables as users write them. */
final class Names {
  private static final String DEFAULT_SCHEMA = "public";

  private Names() {}

  /**
   * Reads {@code schema.table}; without a schema it is public.
   *
   * @throws FreshetException BAD_SETTING if it is not a name
   */
  static TableName parse(String text) {
    try {
      return of(dev.freshet.config.TableName.parse(text));
    } catch (InvalidValueException first) {
      try {
        return of(dev.freshet.config.TableName.parse(DEFAULT_SCHEMA + "." + text));
      } catch (InvalidValueException e) {
        throw FreshetException.of(
            Kind.BAD_SETTING,
            "'" + text + "' " + first.getMessage(),
            "write schema.table, and other characters in double quotes",
            e);
      }
    }
  }

  static TableName of(dev.freshet.config.TableName name) {
    return new TableName(name.schema(), name.table());
  }

  /** Quoted only where needed. */
  static String display(TableName name) {
    return new dev.freshet.config.TableName(name.schema(), name.table()).toString();
  }
}
