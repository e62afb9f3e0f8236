package dev.freshet.sql.random;

/**
 * Something that can be read by its text in one place of a query: a column, or where a query is
 * grouped, a group expression or an aggregate.
 *
 * @param name the bare name, empty if it has none
 * @param loose which of several equal values it shows may depend on the plan: nothing may be made
 *     of it that tells them apart
 * @param plain a column reference: subqueries may read it too
 */
record Column(String name, Sql text, Type type, boolean loose, boolean plain) {

  static Column of(String alias, String name, Type type, boolean loose) {
    return new Column(
        name, Sql.text(type.sort(), alias + "." + name), type, loose && type.loose(), true);
  }

  static Column computed(Sql text, Type type, boolean loose) {
    return new Column("", text, type, loose && type.loose(), false);
  }
}
