package dev.freshet.sql.filter;

import dev.freshet.sql.DeltaNeed;
import dev.freshet.sql.Postgres;
import dev.freshet.sql.filter.Operand.Constant;
import dev.freshet.sql.tree.Operator;
import dev.freshet.sql.tree.Operator.Scan;
import dev.freshet.sql.tree.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * For each source of a query the condition without which no change of a row can be noticed: the
 * disjunction over all scans of the source of what must be true of a row there.
 */
public final class SourceFilters {
  /** What is longer is not worth being evaluated for each row. */
  private static final int MAX_COMPARISONS = 200;

  private final Map<Integer, RowCondition> bySource;

  private SourceFilters(Map<Integer, RowCondition> bySource) {
    this.bySource = Map.copyOf(bySource);
  }

  /**
   * The filters of a query that consists of these trees.
   *
   * @param trees all that read sources
   */
  public static SourceFilters of(List<Operator> trees, Postgres postgres) {
    List<ScanConditions.Read> scans = trees.stream().flatMap(ScanConditions::of).toList();
    Set<String> texts = new LinkedHashSet<>();
    scans.forEach(
        scan ->
            condition(
                scan,
                text -> {
                  texts.add(text);
                  return Optional.empty();
                }));
    Map<String, Constant> values = Constants.of(texts, postgres);
    Map<Integer, List<RowCondition>> all = new LinkedHashMap<>();
    for (ScanConditions.Read scan : scans) {
      all.computeIfAbsent(scan.scan().table().oid(), _ -> new ArrayList<>())
          .add(condition(scan, text -> Optional.ofNullable(values.get(text))));
    }
    return new SourceFilters(
        all.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey,
                    e -> RowCondition.decisive(RowCondition.any(e.getValue())))));
  }

  private static RowCondition condition(
      ScanConditions.Read read, Function<String, Optional<Constant>> constants) {
    Scan scan = read.scan();
    List<RowCondition> parts = new ArrayList<>();
    for (Scalar condition : read.conditions()) {
      parts.add(RowCondition.decisive(ConditionReader.read(scan, condition, constants)));
    }
    return RowCondition.all(parts);
  }

  /** The need with its source's filter, if the filter reads no more than the need does. */
  public DeltaNeed applied(DeltaNeed need) {
    RowCondition filter = bySource.getOrDefault(need.source().oid(), RowCondition.UNKNOWN);
    return need.columnNames().containsAll(RowCondition.columns(filter))
            && RowCondition.comparisons(filter) <= MAX_COMPARISONS
        ? need.withFilter(filter)
        : need;
  }
}
