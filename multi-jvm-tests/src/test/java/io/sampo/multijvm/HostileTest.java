package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.NodeOptions;
import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * What every test of a badly behaved client has in common: one node with a small heap, well-behaved
 * clients of both versions at work on it all the time, and the check after each test that neither
 * noticed anything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HostileTest {
  private final List<SteadyTraffic> wellBehaved = new ArrayList<>();
  private NodeProcess node;

  @BeforeAll
  void startNodeAndTraffic() throws ClientFailed {
    node =
        NodeProcess.start(
            getClass().getSimpleName(), NodeOptions.defaults().withHeapMegabytes(256));
    for (ClientVersion version : ClientVersion.values()) {
      wellBehaved.add(SteadyTraffic.start(node, version));
    }
  }

  @AfterEach
  void theNodeAndItsOtherClientsNoticedNothing() {
    assertThat(node.isAlive()).as(node.outputTail()).isTrue();
    wellBehaved.forEach(SteadyTraffic::assertUnharmed);
  }

  @AfterAll
  void nothingWasLostInTheEnd() throws InterruptedException {
    try {
      for (SteadyTraffic traffic : wellBehaved) {
        traffic.assertNothingLost();
      }
    } finally {
      for (SteadyTraffic traffic : wellBehaved) {
        traffic.close();
      }
      node.close();
    }
  }

  NodeProcess node() {
    return node;
  }
}
