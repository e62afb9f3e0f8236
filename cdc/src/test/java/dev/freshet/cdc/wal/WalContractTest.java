package dev.freshet.cdc.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.freshet.cdc.contract.CaptureRig;
import dev.freshet.cdc.contract.RandomContract;
import dev.freshet.cdc.contract.RowContract;
import dev.freshet.cdc.contract.StatementContract;
import dev.freshet.cdc.contract.TransactionContract;
import dev.freshet.cdc.contract.TypeContract;
import java.sql.SQLException;
import org.junit.jupiter.api.Nested;

/** What every change source must do, of the log. */
class WalContractTest {
  @Nested
  class Rows extends RowContract {
    Rows() {
      super(CaptureFixture::on18);
    }
  }

  @Nested
  class Statements extends StatementContract {
    Statements() {
      super(CaptureFixture::on18);
    }
  }

  @Nested
  class Transactions extends TransactionContract {
    Transactions() {
      super(CaptureFixture::on18);
    }
  }

  @Nested
  class Types extends TypeContract {
    Types() {
      super(CaptureFixture::on18);
    }
  }

  @Nested
  class RandomChanges extends RandomContract {
    RandomChanges() {
      super(CaptureFixture::on18);
    }
  }

  /** The same laws where every transaction is staged as soon as it arrives. */
  @Nested
  class StagedChanges extends RandomContract {
    StagedChanges() {
      super(CaptureFixture::stagingOn18);
    }

    @Override
    protected void settled(CaptureRig capture) throws SQLException {
      WalChangeSource source = ((CaptureFixture) capture).source();
      capture.execute("INSERT INTO t VALUES (0) ON CONFLICT (id) DO UPDATE SET k = -1");
      await().atMost(CaptureFixture.PATIENCE).until(() -> source.stagedBytes() > 0);
      assertThat(source.stagingFailure()).isEmpty();
    }
  }
}
