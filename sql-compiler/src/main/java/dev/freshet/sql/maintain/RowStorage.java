package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.AnalyzedQuery.OutputColumn;
import dev.freshet.sql.ColumnType;
import dev.freshet.sql.SqlStatement;
import dev.freshet.sql.TableName;
import dev.freshet.sql.maintain.Slice.HiddenColumn;
import dev.freshet.sql.tree.ColumnRef;
import dev.freshet.sql.tree.Operator.Named;
import dev.freshet.sql.tree.Scalar;
import dev.freshet.sql.tree.Weighted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where a slice of rows keeps its columns: those of the query, and hidden ones for values that the
 * query does not select as they are.
 */
final class RowStorage {
  private final SliceRows rows;
  private final List<Named> outputs = new ArrayList<>();
  private final List<OutputColumn> stored = new ArrayList<>();
  private final List<HiddenColumn> hidden = new ArrayList<>();

  /**
   * @param visible the values of the query's columns
   */
  RowStorage(SliceRows rows, List<Scalar> visible) {
    this.rows = rows;
    for (int i = 0; i < visible.size(); i++) {
      store(visible.get(i), rows.columns().get(i));
    }
  }

  private void store(Scalar value, OutputColumn column) {
    outputs.add(new Named(new ColumnRef("", column.name()), value));
    stored.add(column);
  }

  /** The table's column that holds a value. */
  String place(Scalar value, ColumnType type, String meaning) {
    for (Named output : outputs) {
      if (output.value().equals(value)) {
        return output.as().column();
      }
    }
    var column = new OutputColumn(rows.prefix() + "k" + (hidden.size() + 1), type);
    hidden.add(new HiddenColumn(column.name(), type.name(), meaning));
    store(value, column);
    return column.name();
  }

  /** Everything that is stored, under its name in the table. */
  List<Named> outputs() {
    return List.copyOf(outputs);
  }

  List<String> names() {
    return stored.stream().map(OutputColumn::name).toList();
  }

  List<HiddenColumn> hidden() {
    return List.copyOf(hidden);
  }

  BagRows bag() {
    return new BagRows(stored);
  }

  /** Makes the table equal to a SELECT of what is stored. */
  SqlStatement full(String select, TableName target) {
    String current =
        "SELECT " + bag().columnList() + " FROM " + target + " AS t WHERE TRUE" + rows.owned("t");
    var deltas = new DeltaRelations(new Changes(Map.of()));
    Map<String, String> parts = bag().applied(bag().difference(select, current), target, rows);
    return deltas.statement(parts, bag().insert(target, rows));
  }

  /**
   * The common table expressions that exchange the table's rows of the relation {@code
   * __freshet_old} for others; {@link BagRows#insert} follows them.
   *
   * @param select of what is stored
   */
  Map<String, String> exchange(String select, TableName target) {
    String zset =
        "SELECT *, 1 AS %s FROM (\n%s\n) AS q\nUNION ALL\nSELECT %s, -1 FROM \"__freshet_old\""
            .formatted(quote(Weighted.WEIGHT), select, bag().columnList());
    return bag().replaced(zset, "\"__freshet_old\"", target);
  }
}
