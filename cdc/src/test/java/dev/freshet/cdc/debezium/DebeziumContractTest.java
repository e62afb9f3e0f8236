package dev.freshet.cdc.debezium;

import dev.freshet.cdc.contract.RandomContract;
import dev.freshet.cdc.contract.RowContract;
import dev.freshet.cdc.contract.StatementContract;
import dev.freshet.cdc.contract.TransactionContract;
import dev.freshet.cdc.contract.TypeContract;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** What every change source must do, of Debezium, but for the types that it refuses by name. */
class DebeziumContractTest {
  private static final Set<String> REFUSED =
      Set.of(
          "money",
          "time with time zone",
          "interval",
          "point",
          "line",
          "lseg",
          "box",
          "path",
          "polygon",
          "circle",
          "integer[]",
          "text[]",
          "mood[]",
          "pair[]",
          "numeric[]");

  @Nested
  class Rows extends RowContract {
    Rows() {
      super(DebeziumFixture::on18);
    }

    /** Its records name a table, not an oid. */
    @Override
    protected boolean trustsAlteredTables() {
      return false;
    }
  }

  @Nested
  class Statements extends StatementContract {
    Statements() {
      super(DebeziumFixture::on18);
    }
  }

  @Nested
  class Transactions extends TransactionContract {
    Transactions() {
      super(DebeziumFixture::on18);
    }
  }

  @Nested
  class Types extends TypeContract {
    Types() {
      super(DebeziumFixture::on18, REFUSED);
    }
  }

  @Nested
  class TypesOn15 extends TypeContract {
    TypesOn15() {
      super(DebeziumFixture::on15, REFUSED);
    }
  }

  @Nested
  class RandomChanges extends RandomContract {
    RandomChanges() {
      super(DebeziumFixture::on18);
    }
  }
}
