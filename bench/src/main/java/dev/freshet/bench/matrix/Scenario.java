package dev.freshet.bench.matrix;

/** One of the five queries over {@code src} and {@code dim}. */
public enum Scenario {
  SCAN(
      "scan",
      "SELECT id, region, category, amount, score FROM src",
      "SELECT id, region, category, amount, score FROM src",
      "id"),
  FILTER(
      "filter",
      "SELECT id, region, amount FROM src WHERE amount > 5000",
      "SELECT id, region, amount FROM src WHERE amount > 5000",
      "id"),
  AGGREGATE(
      "aggregate",
      "SELECT region, SUM(amount) AS total, COUNT(*) AS cnt FROM src GROUP BY region",
      "SELECT region, SUM(amount) AS total, COUNT(*) AS cnt FROM src GROUP BY region",
      "region"),
  JOIN(
      "join",
      "SELECT s.id, s.region, s.amount, d.region_name FROM src s JOIN dim d ON s.region = d.region",
      "SELECT s.id, s.region, s.amount, d.region_name, d.id AS dim_id"
          + " FROM src s JOIN dim d ON s.region = d.region",
      "id, dim_id"),
  JOIN_AGG(
      "join_agg",
      "SELECT d.region_name, SUM(s.amount) AS total, COUNT(*) AS cnt"
          + " FROM src s JOIN dim d ON s.region = d.region GROUP BY d.region_name",
      "SELECT d.region_name, SUM(s.amount) AS total, COUNT(*) AS cnt"
          + " FROM src s JOIN dim d ON s.region = d.region GROUP BY d.region_name",
      "region_name");

  private final String label;
  private final String query;
  private final String materializedQuery;
  private final String identity;

  Scenario(String label, String query, String materializedQuery, String identity) {
    this.label = label;
    this.query = query;
    this.materializedQuery = materializedQuery;
    this.identity = identity;
  }

  /** Its name in tables and JSON. */
  public String label() {
    return label;
  }

  /** The defining query. */
  public String query() {
    return query;
  }

  /**
   * What a materialized view selects so that it can have the unique index that the stream table
   * has: for {@code join} also the id of {@code dim}, which the stream table keeps in a hidden
   * column.
   */
  public String materializedQuery() {
    return materializedQuery;
  }

  /** The columns of that unique index. */
  public String identity() {
    return identity;
  }

  /** Whether the result has as many rows as the source, or a good part of them. */
  public boolean isWide() {
    return switch (this) {
      case SCAN, FILTER, JOIN -> true;
      case AGGREGATE, JOIN_AGG -> false;
    };
  }

  /**
   * The scenario called {@code label}.
   *
   * @throws IllegalArgumentException if there is none, with the names there are
   */
  public static Scenario of(String label) {
    for (Scenario scenario : values()) {
      if (scenario.label.equals(label)) {
        return scenario;
      }
    }
    throw new IllegalArgumentException(
        "unknown scenario \"%s\"; there are scan, filter, aggregate, join and join_agg"
            .formatted(label));
  }

  @Override
  public String toString() {
    return label;
  }
}
