package dev.freshet.cdc.trigger;

import dev.freshet.cdc.contract.RandomContract;
import dev.freshet.cdc.contract.RowContract;
import dev.freshet.cdc.contract.StatementContract;
import dev.freshet.cdc.contract.TransactionContract;
import dev.freshet.cdc.contract.TypeContract;
import org.junit.jupiter.api.Nested;

/** What every change source must do, of the triggers. */
class TriggerContractTest {
  @Nested
  class Rows extends RowContract {
    Rows() {
      super(TriggerRig::on18);
    }
  }

  @Nested
  class Statements extends StatementContract {
    Statements() {
      super(TriggerRig::on18);
    }
  }

  @Nested
  class Transactions extends TransactionContract {
    Transactions() {
      super(TriggerRig::on18);
    }
  }

  @Nested
  class Types extends TypeContract {
    Types() {
      super(TriggerRig::on18);
    }
  }

  @Nested
  class RandomChanges extends RandomContract {
    RandomChanges() {
      super(TriggerRig::on18);
    }
  }
}
