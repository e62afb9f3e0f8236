package dev.freshet.sql.maintain;

import static dev.freshet.sql.TableName.quote;

import dev.freshet.sql.delta.Differentiation;
import java.util.LinkedHashMap;
import java.util.Map;

/** The steps of a differentiation as common table expressions. */
final class StepText {
  private StepText() {}

  static Map<String, String> of(Differentiation differentiation, DeltaRelations deltas) {
    var texts = new LinkedHashMap<String, String>();
    differentiation
        .steps()
        .forEach((name, tree) -> texts.put(quote(name), deltas.step(name, tree)));
    return texts;
  }
}
