package dev.freshet.bench.tpch;

import dev.freshet.engine.script.Purpose;
import dev.freshet.engine.script.Script;
import dev.freshet.engine.script.ScriptPart;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Schema and queries, from the corpus.
 *
 * @param tables the schema and its tables with their primary and foreign keys
 * @param indexes on the foreign keys
 */
record TpchScript(List<String> tables, List<String> indexes, List<TpchQuery> queries) {
  private static final String RESOURCE = "/corpus/tpch.sql";

  /** FRACTION of Q11 at scale factor 1; at others it is divided by the factor (clause 2.4.11.3). */
  private static final String FRACTION = "0.0001";

  /** The validation parameters are for this one. */
  private static final double VALIDATED_SCALE = 1;

  TpchScript {
    tables = List.copyOf(tables);
    indexes = List.copyOf(indexes);
    queries = List.copyOf(queries);
  }

  static TpchScript read(double scale) {
    List<String> tables = new ArrayList<>();
    List<String> indexes = new ArrayList<>();
    List<TpchQuery> queries = new ArrayList<>();
    for (ScriptPart part : Script.parts(resource())) {
      if (part instanceof ScriptPart.Statement(String text, _, String comment)) {
        switch (Purpose.of(text)) {
          case Purpose.View(String name, Purpose.Query query, _) ->
              queries.add(new TpchQuery(name, comment, scaled(name, query.text(), scale)));
          case Purpose.Definition(String sql) when sql.startsWith("CREATE INDEX") ->
              indexes.add(sql);
          case Purpose.Definition(String sql) -> tables.add(sql);
          case Purpose.Query _, Purpose.Code _, Purpose.Immaterial _ ->
              throw new IllegalStateException(RESOURCE + " holds something else: " + text);
        }
      }
    }
    return new TpchScript(tables, indexes, queries);
  }

  private static String scaled(String name, String sql, double scale) {
    if (!name.equals("q11") || scale == VALIDATED_SCALE) {
      return sql;
    }
    BigDecimal fraction =
        new BigDecimal(FRACTION).divide(BigDecimal.valueOf(scale), MathContext.DECIMAL32);
    return sql.replace(FRACTION, fraction.toPlainString());
  }

  private static String resource() {
    try (InputStream in = TpchScript.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
