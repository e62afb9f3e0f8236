package dev.freshet.engine.refresh;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.TableName;
import java.util.Collection;
import java.util.stream.Collectors;

/**
 * Makes the rows of one table those of another that has the same columns, perhaps in another order:
 * T += N − T, as multisets of rows.
 *
 * <p>Rows are compared as their text, which exists for every type, and tells 1.0 from 1.00 as a
 * reader would. It is used where nothing is known of the rows' identity: old and new rows are of
 * different queries.
 */
record Exchange(TableName target, TableName next, Collection<String> columns) {

  /** Deletes what the other table has not. */
  String delete() {
    return """
    DELETE FROM %s AS t USING (
      SELECT o.place FROM (%s) AS o LEFT JOIN (%s) AS n USING (image, copy) WHERE n.copy IS NULL
    ) AS g
    WHERE t.ctid = g.place\
    """
        .formatted(target, numbered(target), numbered(next));
  }

  /** Inserts what is missing; nothing else is in the table any more. */
  String insert() {
    return """
    INSERT INTO %s (%s)
    SELECT %s FROM %s AS t JOIN (
      SELECT n.place FROM (%s) AS n LEFT JOIN (%s) AS o USING (image, copy) WHERE o.copy IS NULL
    ) AS g ON t.ctid = g.place\
    """
        .formatted(target, list(""), list("t."), next, numbered(next), numbered(target));
  }

  /** Inserts all of it, into a table without rows. */
  String insertAll() {
    return "INSERT INTO %s (%s) SELECT %s FROM %s AS t"
        .formatted(target, list(""), list("t."), next);
  }

  private String list(String alias) {
    return columns.stream().map(name -> alias + quote(name)).collect(Collectors.joining(", "));
  }

  private String numbered(TableName table) {
    return """
    SELECT place, image, row_number() OVER (PARTITION BY image) AS copy
    FROM (SELECT t.ctid AS place, ROW(%s)::text COLLATE "C" AS image FROM %s AS t) AS r\
    """
        .formatted(list("t."), table);
  }
}
