package dev.freshet.sql;

import java.util.Set;

/** Where the rendered SQL finds the delta of one source. */
public sealed interface DeltaBinding {
  Form form();

  /** The shape in which the delta comes. */
  enum Form {
    /** {@link DeltaNeed.Keyed}; the rows carry every column. */
    KEYED,
    /** {@link DeltaNeed.Keyed}; only keys are reliable, new rows are read from the source at S. */
    KEYED_LOOKUP,
    WEIGHTED,
    REDUCED
  }

  /**
   * As bind parameters: one array per column of the delta relation, unnested side by side.
   *
   * @param textColumns positions of columns that arrive as {@code text[]} of output text, because
   *     their type has no binary send function
   */
  record Arrays(Form form, Set<Integer> textColumns) implements DeltaBinding {
    public Arrays {
      textColumns = Set.copyOf(textColumns);
    }
  }

  /**
   * As a (temporary) table with the delta relation's columns, named as in {@link DeltaNeed}.
   *
   * @param quotedName the table's name, or a query in parentheses over it
   */
  record Table(Form form, String quotedName) implements DeltaBinding {}
}
